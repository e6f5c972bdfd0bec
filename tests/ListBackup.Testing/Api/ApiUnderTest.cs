using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Testing;

/// <summary>
/// Some services on Kestrel with the pipeline of the Host, on a loopback port and on ports in memory. What a test does not replace is real: tokens, routing, JSON.
/// </summary>
public sealed class ApiUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private ApiUnderTest(WebApplication app)
    {
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Where others on this machine reach it.</summary>
    public Uri Address => _http.BaseAddress!; // Set when it was made.

    public FakeTimeProvider Clock => (FakeTimeProvider)Get<TimeProvider>();

    public IItemStore Items => Get<IItemStore>();

    public MemoryMail Mail => Get<MemoryMail>();

    public MemoryQueues Queues => Get<MemoryQueues>();

    public static async Task<ApiUnderTest> StartAsync(Action<IServiceCollection> add, Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        AddPorts(builder.Services);
        add(builder.Services);

        var app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UsePermissions();
        app.UseIdempotency();
        map(app);
        await app.StartAsync();
        return new(app);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public IReadOnlyList<RouteEndpoint> Endpoints => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()];

    /// <summary>Sends JSON; the answer is read whole.</summary>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body as string ?? System.Text.Json.JsonSerializer.Serialize(body, TestJson), Encoding.UTF8, "application/json");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase));
    }

    public Task<ApiAnswer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, null, token);

    public Task<ApiAnswer> PostAsync(string path, object? body = null, string? token = null) => SendAsync(HttpMethod.Post, path, body, token);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    // Tests write bodies as anonymous objects.
    private static readonly System.Text.Json.JsonSerializerOptions TestJson = new(System.Text.Json.JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    private static void AddPorts(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));
        services.AddSingleton<IItemStore, MemoryItems>();
        services.AddSingleton<IKeys, MemoryKeys>();
        services.AddSingleton<ISecrets, MemorySecrets>();
        services.AddSingleton<MemoryMail>();
        services.AddSingleton<IMail>(p => p.GetRequiredService<MemoryMail>());
        services.AddSingleton<MemoryQueues>();
        services.AddSingleton<IQueues>(p => p.GetRequiredService<MemoryQueues>());
        services.AddSingleton<AccountAccess>();
        services.AddSingleton<ActivityLog>();
        services.AddRouting();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }
}

/// <summary>An answer of the API.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string[]> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The last part of a problem's type; null when the answer is none.</summary>
    public string? Problem => Body.StartsWith('{') && (string?)Json["type"] is { } type ? type[(type.LastIndexOf('/') + 1)..] : null;

    public string? ETag => Headers.TryGetValue("ETag", out var values) ? values[0] : null;

    public ApiAnswer ShouldBe(HttpStatusCode status)
    {
        Status.ShouldBe(status, Body);
        return this;
    }

    public ApiAnswer ShouldBe(HttpStatusCode status, string problem)
    {
        ShouldBe(status);
        Problem.ShouldBe(problem, Body);
        return this;
    }

    public string Text(string field) => (string?)Json[field] ?? throw new InvalidOperationException($"The answer has no {field}: {Body}");
}
