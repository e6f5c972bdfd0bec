using ListBackup.Accounts;
using ListBackup.Accounts.Functions;
using ListBackup.Aws;
using ListBackup.Functions;

var builder = ApiFunction.CreateBuilder(args);
builder.AddAwsPorts();
builder.Services.AddAccountsService(new(builder.PublicUrl().ToString()));
await builder.RunApiAsync(ApiEndpoints.Map);
