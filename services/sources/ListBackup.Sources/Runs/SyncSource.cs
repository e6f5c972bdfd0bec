using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record SyncSourceRequest
{
    /// <summary>Reads every stream in full, cursors or not.</summary>
    public bool FullSweep { get; init; }

    /// <summary>Only these streams of the source; the others keep their state. Absent: all.</summary>
    public IReadOnlyList<string>? Streams { get; init; }
}

/// <summary>Starts a run now, scheduled or not, paused or not.</summary>
public sealed class SyncSource(RunStore runs, StartRun start)
{
    public async Task<Accepted<RunView>> RunAsync(HttpContext http, SourceId sourceId, SyncSourceRequest? request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        if (request?.Streams is { Count: 0 or > Source.StreamsMax }) throw Problem.Invalid("streams", $"Name 1 to {Source.StreamsMax} streams, or leave streams out.");
        var run = start.New(source.Value, RunTrigger.Manual, access.Caller.Actor) with
        {
            IsFullSweep = request?.FullSweep ?? false,
            OnlyStreams = request?.Streams?.Distinct(StringComparer.Ordinal).ToList(),
        };
        await start.RunAsync(source, run, cancellation);
        return TypedResults.Accepted($"/v1/accounts/{run.AccountId}/sources/{run.SourceId}/runs/{run.Id}", RunView.Of(run));
    }
}
