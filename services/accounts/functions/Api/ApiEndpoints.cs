using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.APIGateway;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Accounts.Functions;

internal static class ApiEndpoints
{
    // One function for all routes of the service; serverless.yml says which ones the gateway sends here.
    [LambdaFunction(ResourceName = "api", MemorySize = 512, Timeout = 29)]
    [HttpApi(LambdaHttpMethod.Any, "/{proxy+}")]
    public static void Map(IEndpointRouteBuilder app) => app.MapAccountsEndpoints();
}
