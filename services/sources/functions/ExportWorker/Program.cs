using ListBackup.Aws;
using ListBackup.Connections;
using ListBackup.Functions;
using ListBackup.Sources;
using ListBackup.Sources.Functions;

var builder = WorkerFunction.CreateBuilder();
builder.AddAwsPorts();
builder.Services.AddConnections(new() { Connectors = FunctionFiles.Connectors });
builder.Services.AddSources().AddExportFormats();
await builder.RunQueueAsync<ExportWorkerFunction>(function => function.HandleAsync);
