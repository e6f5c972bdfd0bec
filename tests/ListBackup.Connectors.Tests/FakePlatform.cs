using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Connectors;

/// <summary>A platform on loopback that answers as the test says, and remembers what it was asked.</summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakePlatform(WebApplication application) => _application = application;

    public string Url => _application.Urls.First();

    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<FakePlatform> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var application = builder.Build();
        var platform = new FakePlatform(application);
        application.Run(async context =>
        {
            platform.Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            await answer(context);
        });
        await application.StartAsync();

        return platform;
    }

    public ConnectorConfig Config(object? more = null)
    {
        var fields = new Dictionary<string, object?> { ["url"] = Url };
        foreach (var property in more?.GetType().GetProperties() ?? [])
            fields[property.Name] = property.GetValue(more);

        return ConnectorConfig.Parse(JsonSerializer.Serialize(fields));
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}

internal static class Answers
{
    public static Task Json(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";

        return context.Response.WriteAsync(json);
    }

    public static string Query(this HttpContext context, string name) => context.Request.Query[name].ToString();
}

internal static class Ports
{
    public static readonly HttpLimits Loopback = new() { AllowPrivateNetworks = true, AnswerTimeout = TimeSpan.FromSeconds(20) };

    public static ConnectorPorts For(ConnectorHttp http, IWaiting? waiting = null) => new() { Http = http, Waiting = waiting ?? new RememberedWaits() };
}

/// <summary>Waits that take no time and are remembered.</summary>
internal sealed class RememberedWaits : IWaiting
{
    public List<(TimeSpan Delay, WaitReason Reason)> Waits { get; } = [];

    public ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation)
    {
        Waits.Add((delay, reason));

        return ValueTask.CompletedTask;
    }
}

/// <summary>What a read brought, copied out of its batches.</summary>
internal sealed class ReadResult
{
    public List<string> Records { get; } = [];

    public List<string> States { get; } = [];

    public Coverage? Coverage { get; private set; }

    public string State => States[^1];

    public static async Task<ReadResult> Of(IAsyncEnumerable<RecordBatch> batches, int batchesMax = int.MaxValue)
    {
        var result = new ReadResult();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                result.Records.AddRange(batch.Records.Select(record => Encoding.UTF8.GetString(record.Span)));
                result.States.Add(batch.StateAfter.ToJson());
                result.Coverage = batch.Coverage ?? result.Coverage;
            }

            if (result.States.Count == batchesMax)
                break;
        }

        return result;
    }
}
