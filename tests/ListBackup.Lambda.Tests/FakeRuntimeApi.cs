using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Lambda.Tests;

/// <summary>Lambda's side of the Runtime API, on a free port of the loopback.</summary>
public sealed class FakeRuntimeApi : IAsyncDisposable
{
    private readonly Channel<Event> _events = Channel.CreateUnbounded<Event>();
    private readonly ConcurrentDictionary<string, Event> _taken = new();
    private readonly TaskCompletionSource<ErrorReport> _initError = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstNext = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    private FakeRuntimeApi(WebApplication app) => _app = app;

    /// <summary>Host and port, as AWS_LAMBDA_RUNTIME_API has it.</summary>
    public string Address => new Uri(_app.Urls.Single()).Authority;

    /// <summary>When set, "next" is refused with this status.</summary>
    public int? RefuseNext { get; set; }

    public Task<ErrorReport> InitError => _initError.Task;

    /// <summary>Completes when a runtime first asks for an event.</summary>
    public Task FirstNext => _firstNext.Task;

    public static async Task<FakeRuntimeApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 64 << 20);
        var app = builder.Build();
        var api = new FakeRuntimeApi(app);
        var runtime = app.MapGroup("/2018-06-01/runtime");
        runtime.MapGet("/invocation/next", api.NextAsync);
        runtime.MapPost("/invocation/{id}/response", api.RespondAsync);
        runtime.MapPost("/invocation/{id}/error", api.ErrorAsync);
        runtime.MapPost("/init/error", api.InitErrorAsync);
        await app.StartAsync();
        return api;
    }

    public HttpClient Client() => new() { BaseAddress = new($"http://{Address}"), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends an event and returns what the function made of it.</summary>
    public async Task<Answer> InvokeAsync(string payload, TimeSpan? timeLeft = null, string traceId = "Root=1-0-0")
    {
        var sent = new Event(Guid.NewGuid().ToString(), payload, TimeProvider.System.GetUtcNow() + (timeLeft ?? TimeSpan.FromSeconds(30)), traceId);
        await _events.Writer.WriteAsync(sent);
        return await sent.Answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task NextAsync(HttpContext http)
    {
        _firstNext.TrySetResult();
        if (RefuseNext is { } status)
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync("refused");
            return;
        }
        Event next;
        try
        {
            next = await _events.Reader.ReadAsync(http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return; // the runtime went away
        }
        _taken[next.Id] = next;
        http.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = next.Id;
        http.Response.Headers["Lambda-Runtime-Deadline-Ms"] = next.Deadline.ToUnixTimeMilliseconds().ToString();
        http.Response.Headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:eu-central-1:123456789012:function:test";
        http.Response.Headers["Lambda-Runtime-Trace-Id"] = next.TraceId;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(next.Payload);
    }

    private async Task RespondAsync(HttpContext http, string id)
    {
        var body = await BodyOf(http);
        http.Response.StatusCode = 202;
        _taken[id].Answer.SetResult(new(body, null));
    }

    private async Task ErrorAsync(HttpContext http, string id)
    {
        var error = await ErrorOf(http);
        http.Response.StatusCode = 202;
        _taken[id].Answer.SetResult(new("", error));
    }

    private async Task InitErrorAsync(HttpContext http)
    {
        _initError.SetResult(await ErrorOf(http));
        http.Response.StatusCode = 202;
    }

    private static async Task<ErrorReport> ErrorOf(HttpContext http) =>
        new(http.Request.Headers["Lambda-Runtime-Function-Error-Type"].ToString(), await BodyOf(http));

    private static async Task<string> BodyOf(HttpContext http) => await new StreamReader(http.Request.Body).ReadToEndAsync();

    private sealed record Event(string Id, string Payload, DateTimeOffset Deadline, string TraceId)
    {
        public TaskCompletionSource<Answer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What a function posted for one event: an answer, or an error.</summary>
public sealed record Answer(string Body, ErrorReport? Error);

/// <summary>An error as posted: its type's header, and its JSON.</summary>
public sealed record ErrorReport(string Type, string Body);
