using ListBackup.Aws;
using ListBackup.Connections;
using ListBackup.Functions;
using ListBackup.Platforms;
using ListBackup.Platforms.Functions;

var builder = ApiFunction.CreateBuilder(args);
builder.AddAwsPorts();
builder.Services.AddConnections(new() { Connectors = FunctionFiles.Connectors });
builder.Services.AddPlatforms(new(builder.PublicUrl()));
await builder.RunApiAsync(ApiEndpoints.Map);
