using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Starts a new run for what an ended one did not bring: the incomplete streams of a partial run, or all of a failed or cancelled one.</summary>
public sealed class RetryRun(RunStore runs, StartRun start)
{
    public async Task<Accepted<RunView>> RunAsync(HttpContext http, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var before = (await runs.FindRunAsync(sourceId, runId, cancellation))?.Value ?? throw Problem.NotFound("The run");
        if (!before.HasEnded) throw Problem.Conflict("The run has not ended.", "run-is-live");
        if (before.State == RunState.Succeeded) throw Problem.Conflict("The run succeeded; there is nothing to retry. Start a new one instead.", "run-has-ended");

        var run = start.New(source.Value, RunTrigger.Retry, access.Caller.Actor) with
        {
            RetryOf = before.Id,
            IsFullSweep = before.IsFullSweep,
            OnlyStreams = before.State == RunState.Partial ? await IncompleteAsync(before, cancellation) : before.OnlyStreams,
        };
        await start.RunAsync(source, run, cancellation);
        return TypedResults.Accepted($"/v1/accounts/{run.AccountId}/sources/{run.SourceId}/runs/{run.Id}", RunView.Of(run));
    }

    private async Task<IReadOnlyList<string>> IncompleteAsync(Run run, CancellationToken cancellation) =>
        [.. (await runs.PartsAsync(run.SourceId, run.Id, cancellation)).Select(p => p.Value).Where(p => p.State != PartState.Complete).Select(p => p.Stream)];
}
