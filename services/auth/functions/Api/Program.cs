using ListBackup.Auth;
using ListBackup.Auth.Functions;
using ListBackup.Aws;
using ListBackup.Functions;

var builder = ApiFunction.CreateBuilder(args);
builder.AddAwsPorts();
builder.Services.AddAuthService();
await builder.RunApiAsync(ApiEndpoints.Map);
