using System.Text.Json.Serialization;
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Serialization.SystemTextJson;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ListBackup.Functions;

/// <summary>
/// A function that answers HTTP. On Lambda it serves API Gateway's events; started on its own it is a web server, with the same endpoints.
/// </summary>
public static class ApiFunction
{
    /// <summary>A builder with what every API function needs, and nothing else: each thing that is set up is paid for at every cold start.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { Args = args, EnvironmentName = Environments.Production });
        builder.Configuration.AddEnvironmentVariables().AddEnvironmentVariables("ASPNETCORE_");
        builder.AddLambdaLog();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, new SourceGeneratorLambdaJsonSerializer<HttpApiJson>());
        // Explains what is wrong with a body instead of answering a bare 400; Problems turns it into one.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddDomain();
        return builder;
    }

    /// <summary>Where people reach this installation, such as <c>https://backup.example.com</c>. Variable LISTBACKUP_PUBLIC_URL.</summary>
    public static Uri PublicUrl(this IHostApplicationBuilder builder) =>
        Uri.TryCreate(builder.Configuration["LISTBACKUP_PUBLIC_URL"], UriKind.Absolute, out var url) ? url
        : throw new InvalidOperationException("The environment variable LISTBACKUP_PUBLIC_URL is not set to an absolute URL. The function's serverless.yml sets it.");

    /// <summary>Builds the application, and runs it until the process is told to end. The gateway has throttled and authenticated before.</summary>
    public static Task RunApiAsync(this WebApplicationBuilder builder, Action<IEndpointRouteBuilder> endpoints)
    {
        var app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UsePermissions();
        app.UseIdempotency();
        app.MapGet("/health", AnswerHealthAsync).AllowsAnybody();
        endpoints(app);
        return app.RunAsync();
    }

    /// <summary>What every service takes for granted.</summary>
    internal static IServiceCollection AddDomain(this IServiceCollection services) =>
        services.AddSingleton(TimeProvider.System).AddSingleton<AccountAccess>().AddSingleton<ActivityLog>();

    private static Task AnswerHealthAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("""{"status":"live"}""");
    }
}

[JsonSerializable(typeof(APIGatewayHttpApiV2ProxyRequest))]
[JsonSerializable(typeof(APIGatewayHttpApiV2ProxyResponse))]
public sealed partial class HttpApiJson : JsonSerializerContext;
