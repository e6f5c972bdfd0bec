using ListBackup.Accounts;
using ListBackup.Auth;
using ListBackup.Connections;
using ListBackup.Functions;
using ListBackup.Platforms;
using ListBackup.Sources;
using ListBackup.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Tidy.Tests.Functions;

/// <summary>The gateway sends each request to the service that has its endpoint, and checks the access token first unless the endpoint is for anybody.</summary>
public sealed class RoutesTests
{
    private static readonly IReadOnlyList<GatewayRoute> Gateway =
    [
        .. from function in Deployment.Functions
           from started in function.Events
           where started.Kind == "httpApi"
           select new GatewayRoute(function.Service, started.Values["method"], started.Values["path"], started.Values.ContainsKey("authorizer")),
    ];

    public static TheoryData<string> Services => ["auth", "users", "accounts", "platforms", "sources"];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Every_endpoint_is_reached_through_the_gateway_with_the_check_that_it_needs(string service)
    {
        foreach (var endpoint in await EndpointsOfAsync(service))
        {
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            {
                var what = $"{method} {endpoint.RoutePattern.RawText}";
                var route = GatewayRoute.Choose(Gateway, method, endpoint.RoutePattern.RawText ?? "").ShouldNotBeNull($"{what} has no route in services/{service}/serverless.yml");
                route.Service.ShouldBe(service, $"the gateway sends {what} to {route.Service}: {route.Method} {route.Path} is its most specific route");
                var forAnybody = endpoint.Metadata.GetMetadata<PermissionMetadata>()?.Permission is null;
                route.HasAuthorizer.ShouldBe(!forAnybody, forAnybody
                    ? $"{what} is for anybody, but {route.Method} {route.Path} demands an access token"
                    : $"{what} needs a caller, but {route.Method} {route.Path} has no authorizer, so nobody would ever be one");
            }
        }
    }

    private static async Task<List<RouteEndpoint>> EndpointsOfAsync(string service)
    {
        var builder = ApiFunction.CreateBuilder([]);
        builder.Services.AddConnections(new ListBackup.Connections.ConnectionOptions { Connectors = "unused" });
        builder.Services.AddAuthService().AddUsersService().AddAccountsService(new("https://example.com")).AddPlatforms(new(new("https://example.com"))).AddSources();
        await using var app = builder.Build();
        IEndpointRouteBuilder endpoints = app;
        switch (service)
        {
            case "auth": endpoints.MapAuthEndpoints(); break;
            case "users": endpoints.MapUsersEndpoints(); break;
            case "accounts": endpoints.MapAccountsEndpoints(); break;
            case "platforms": endpoints.MapPlatforms(); break;
            default: endpoints.MapSourceEndpoints(); break;
        }
        return [.. endpoints.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }
}

/// <summary>A route of an HTTP API, and how one is chosen: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html</summary>
internal sealed record GatewayRoute(string Service, string Method, string Path, bool HasAuthorizer)
{
    /// <summary>The most specific route: with literals before parameters before {proxy+}, the method before any method.</summary>
    public static GatewayRoute? Choose(IEnumerable<GatewayRoute> routes, string method, string endpoint) => routes
        .Where(route => (route.Method == "*" || route.Method.Equals(method, StringComparison.OrdinalIgnoreCase)) && route.Matches(Parts(endpoint)))
        .OrderByDescending(route => !route.IsGreedy)
        .ThenByDescending(route => Parts(route.Path).Length)
        .ThenByDescending(route => Parts(route.Path).Count(part => !IsParameter(part)))
        .ThenByDescending(route => route.Method != "*")
        .FirstOrDefault();

    private bool IsGreedy => Path.EndsWith("/{proxy+}", StringComparison.Ordinal);

    private bool Matches(string[] endpoint)
    {
        var own = Parts(Path);
        var compared = IsGreedy ? own.Length - 1 : own.Length;
        if (IsGreedy ? endpoint.Length <= compared : endpoint.Length != compared) return false;
        return Enumerable.Range(0, compared).All(i => IsParameter(own[i]) || own[i] == endpoint[i]);
    }

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsParameter(string part) => part.StartsWith('{');
}
