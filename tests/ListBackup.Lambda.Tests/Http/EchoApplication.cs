using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Serialization.SystemTextJson;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ListBackup.Lambda.Tests.Http;

/// <summary>An application behind the Lambda server that tells what reached it, and answers in every way that matters.</summary>
public sealed class EchoApplication : IAsyncLifetime
{
    private WebApplication _app = null!; // set before the first test

    public FakeRuntimeApi Api { get; private set; } = null!; // likewise

    public async ValueTask InitializeAsync()
    {
        Api = await FakeRuntimeApi.StartAsync();
        Environment.SetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API", Api.Address);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, new SourceGeneratorLambdaJsonSerializer<GatewayJson>());
        _app = builder.Build();
        Map(_app);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Api.DisposeAsync();
        Environment.SetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API", null);
    }

    /// <summary>Sends a gateway event, given as its C# form, and reads the gateway answer.</summary>
    public async Task<APIGatewayHttpApiV2ProxyResponse> SendAsync(object gatewayEvent, TimeSpan? timeLeft = null)
    {
        var answer = await Api.InvokeAsync(JsonSerializer.Serialize(gatewayEvent), timeLeft);
        answer.Error.ShouldBeNull();
        return JsonSerializer.Deserialize<APIGatewayHttpApiV2ProxyResponse>(answer.Body).ShouldNotBeNull();
    }

    private static void Map(WebApplication app)
    {
        app.Map("/echo/{**rest}", async (HttpContext http) => await http.Response.WriteAsJsonAsync(await Echo.OfAsync(http)));
        app.Map("/cookies", (HttpResponse response) =>
        {
            response.Cookies.Append("one", "1");
            response.Cookies.Append("two", "2", new() { HttpOnly = true });
            response.Headers.Append("Link", "<a>");
            response.Headers.Append("Link", "<b>");
            return Results.NoContent();
        });
        app.Map("/bytes", () => Results.Bytes([0, 159, 146, 150], "application/octet-stream"));
        app.Map("/not-text", () => Results.Bytes([0xff, 0xfe], "text/plain"));
        app.Map("/large/{bytes:int}", (int bytes) => Results.Text(new string('x', bytes)));
        app.Map("/large-bytes/{bytes:int}", (int bytes) => Results.Bytes(new byte[bytes], "application/octet-stream"));
        app.Map("/throw", () => { throw new InvalidOperationException("a secret of the inside"); });
        app.Map("/wait", (HttpContext http) => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        app.Map("/late-header", async (HttpResponse response) =>
        {
            response.OnStarting(() =>
            {
                response.Headers["x-late"] = "yes";
                return Task.CompletedTask;
            });
            response.ContentType = "text/plain";
            await response.WriteAsync("body first");
        });
        app.Map("/file", () => Results.File(typeof(EchoApplication).Assembly.Location, "application/octet-stream", enableRangeProcessing: true));
    }
}

public sealed record Echo(
    string Method, string Scheme, string Host, string Path, string RawTarget, string Query, string Body, string? RemoteIp, bool SignedIn,
    Dictionary<string, string> Headers, Dictionary<string, string> Cookies, List<string> Claims)
{
    public static async Task<Echo> OfAsync(HttpContext http) => new(
        http.Request.Method,
        http.Request.Scheme,
        http.Request.Host.Value ?? "",
        http.Request.Path.Value ?? "",
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        string.Join('&', http.Request.Query.SelectMany(pair => pair.Value.Select(value => $"{pair.Key}={value}"))),
        await new StreamReader(http.Request.Body).ReadToEndAsync(),
        http.Connection.RemoteIpAddress?.ToString(),
        http.User.Identity?.IsAuthenticated == true,
        http.Request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString()),
        http.Request.Cookies.ToDictionary(pair => pair.Key, pair => pair.Value),
        [.. http.User.Claims.Select(claim => $"{claim.Type}={claim.Value}")]);
}

[JsonSerializable(typeof(APIGatewayHttpApiV2ProxyRequest))]
[JsonSerializable(typeof(APIGatewayHttpApiV2ProxyResponse))]
public sealed partial class GatewayJson : JsonSerializerContext;
