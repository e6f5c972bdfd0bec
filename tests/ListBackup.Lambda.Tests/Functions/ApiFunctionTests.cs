using System.Text.Json;
using Amazon.Lambda.APIGatewayEvents;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Lambda.Tests.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ListBackup.Lambda.Tests.Functions;

[Collection("AWS_LAMBDA_RUNTIME_API")]
public sealed class ApiFunctionTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private FakeRuntimeApi _api = null!; // set before each test
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeRuntimeApi.StartAsync();
        Environment.SetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API", _api.Address);
        var builder = ApiFunction.CreateBuilder([]);
        _running = builder.RunApiAsync(app =>
        {
            app.MapGet("/v1/me", (HttpContext http) => http.Response.WriteAsync(http.GetCaller().UserId.ToString())).Requires(Permission.Self);
            var lifetime = (IHostApplicationLifetime)app.ServiceProvider.GetService(typeof(IHostApplicationLifetime)).ShouldNotBeNull();
            _stop.Token.Register(lifetime.StopApplication);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _api.DisposeAsync();
        Environment.SetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API", null);
    }

    [Fact]
    public async Task Anybody_may_ask_whether_it_lives()
    {
        var answer = await SendAsync("/health");

        answer.StatusCode.ShouldBe(200);
        answer.Body.ShouldBe("""{"status":"live"}""");
    }

    [Fact]
    public async Task Whom_the_gateway_did_not_authenticate_is_refused_with_a_problem()
    {
        var answer = await SendAsync("/v1/me");

        answer.StatusCode.ShouldBe(401);
        answer.Headers.ShouldNotBeNull()["content-type"].ShouldBe("application/problem+json");
        JsonDocument.Parse(answer.Body.ShouldNotBeNull()).RootElement.GetProperty("type").GetString().ShouldEndWith("not-authenticated");
    }

    [Fact]
    public async Task Whom_the_gateway_authenticated_is_the_caller()
    {
        var user = UserId.New(TimeProvider.System);

        var answer = await SendAsync("/v1/me", sub: user.ToString());

        answer.StatusCode.ShouldBe(200);
    }

    private async Task<APIGatewayHttpApiV2ProxyResponse> SendAsync(string path, string? sub = null)
    {
        var answer = await _api.InvokeAsync(JsonSerializer.Serialize(GatewayEvents.Get(path, sub)));
        answer.Error.ShouldBeNull();
        return JsonSerializer.Deserialize<APIGatewayHttpApiV2ProxyResponse>(answer.Body).ShouldNotBeNull();
    }
}
