using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>A run's progress as server-sent events, until it ends: event <c>run</c>, data as getRun answers. Behind a gateway that cannot stream, poll getRun.</summary>
public sealed class WatchRun(GetRun runs, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    // A watcher that lasts longer comes back; this bounds forgotten tabs.
    private static readonly TimeSpan WatchMax = TimeSpan.FromMinutes(30);

    public async Task<ServerSentEventsResult<RunView>> RunAsync(HttpContext http, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        await runs.ReadAsync(account, sourceId, runId, cancellation); // A run that is not there is a 404, not an empty stream.
        return TypedResults.ServerSentEvents(EventsAsync(account, sourceId, runId, cancellation));
    }

    private async IAsyncEnumerable<SseItem<RunView>> EventsAsync(AccountId account, SourceId source, RunId run, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + WatchMax;
        var seen = 0L;
        using var timer = new PeriodicTimer(LookEvery, clock);
        do
        {
            var (view, version) = await runs.ReadAsync(account, source, run, cancellation);
            if (version != seen) yield return new(view, "run") { EventId = version.ToString() };
            seen = version;
            if (view.FinishedAt is not null) yield break;
        }
        while (clock.GetUtcNow() < until && await timer.WaitForNextTickAsync(cancellation));
    }
}
