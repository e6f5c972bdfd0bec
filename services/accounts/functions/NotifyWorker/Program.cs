using ListBackup.Accounts;
using ListBackup.Accounts.Functions;
using ListBackup.Aws;
using ListBackup.Functions;

var builder = WorkerFunction.CreateBuilder();
builder.AddAwsPorts();
builder.Services.AddAccountsService(new(builder.PublicUrl().ToString()));
await builder.RunQueueAsync<NotifyWorkerFunction>(function => function.HandleAsync);
