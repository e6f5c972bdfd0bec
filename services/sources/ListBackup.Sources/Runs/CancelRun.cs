using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Ends a run that has not begun to commit. Its workers see it after their current page; what they wrote is never seen and collected later.</summary>
public sealed class CancelRun(RunStore runs, RunEnding ending, AccountVaults vaults, RunFollowUps followUps, TimeProvider clock)
{
    public async Task<Ok<RunView>> RunAsync(HttpContext http, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var run = await CancelAsync(access.Account.Id, sourceId, runId, access.Caller.Actor, cancellation) ?? throw Problem.NotFound("The run");
        return run.State switch
        {
            RunState.Cancelled => TypedResults.Ok(RunView.Of(run)),
            RunState.Committing => throw Problem.Conflict("The run is being committed; it is too late to cancel it.", "run-commits"),
            _ => throw Problem.Conflict($"The run has ended: {ApiText.Of(run.State)}.", "run-has-ended"),
        };
    }

    /// <summary>Cancels unless it is too late; the run as it stands then, or null when there is none.</summary>
    public async Task<Run?> CancelAsync(AccountId account, SourceId source, RunId runId, string actor, CancellationToken cancellation)
    {
        var run = await ending.EndAsync(account, source, runId, r => r.State == RunState.Committing ? null : (r with
        {
            State = RunState.Cancelled,
            Reason = new("cancelled", $"Cancelled by {actor}."),
            FinishedAt = clock.GetUtcNow(),
        }).Logged(clock.GetUtcNow(), "Cancelled."), cancellation);
        if (run is not { State: RunState.Cancelled }) return run;
        await ending.NoteAsync(run, cancellation);
        await followUps.SendAsync(run, cancellation);
        var vault = await vaults.OpenAsync(account, cancellation);
        await vault.AbandonAsync(source.ToString(), runId.ToString(), cancellation);
        return run;
    }
}
