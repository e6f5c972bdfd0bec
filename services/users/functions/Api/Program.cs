using ListBackup.Aws;
using ListBackup.Functions;
using ListBackup.Users;
using ListBackup.Users.Functions;

var builder = ApiFunction.CreateBuilder(args);
builder.AddAwsPorts();
builder.Services.AddUsersService();
await builder.RunApiAsync(ApiEndpoints.Map);
