using ListBackup.Domain;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>
/// Looks after runs that show no sign of life: whatever message was lost with a process is sent again. Nothing here decides what a run has done; the
/// handlers do, and they bear repetition.
/// </summary>
public sealed class RunSweeper(RunStore runs, RunMessages messages, RunEnding ending, TimeProvider clock, ILogger<RunSweeper> log)
{
    // The longest backup that we know of runs a day, not counting what a daily ceiling held it; what is older waits for something that will not come.
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(3);

    public async Task SweepAsync(Item item, CancellationToken cancellation)
    {
        if (await runs.Items.FindAsync(item.Key, SourceItemsJson.Default.Run, cancellation) is not { } stored) return;
        var run = stored.Value;
        if (run is { HasEnded: false, State: not RunState.Committing } && clock.GetUtcNow() - (run.HeldUntil > run.QueuedAt ? run.HeldUntil.Value : run.QueuedAt) > AgeMax) run = await GiveUpAsync(run, cancellation) ?? run;
        await SendAgainAsync(run, cancellation);
        // Written again, it comes back to the sweeper only after the next silence.
        await runs.UpdateRunAsync(run.SourceId, run.Id, r => r, cancellation);
    }

    private async Task SendAgainAsync(Run run, CancellationToken cancellation)
    {
        switch (run.State)
        {
            case RunState.Queued or RunState.Planning when run.HeldUntil > clock.GetUtcNow():
                // Its message goes round until then; another one each five minutes would be hundreds by midnight.
                break;
            case RunState.Queued or RunState.Planning:
                await messages.PlanAsync(run, TimeSpan.Zero, cancellation);
                break;
            case RunState.Reading:
                foreach (var part in await runs.PartsAsync(run.SourceId, run.Id, cancellation)) await SendAgainAsync(run, part.Value, cancellation);
                break;
            default:
                await messages.CommitAsync(run, TimeSpan.Zero, cancellation);
                break;
        }
    }

    private async Task SendAgainAsync(Run run, RunPart part, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var isHeld = part.LeaseUntil > now || part.NotBefore > now;
        if (part.HasEnded || isHeld || !run.Streams.Contains(part.Stream)) return;
        log.LogInformation("Run {Run} stands still at stream {Stream}; its message is sent again", run.Id, part.Stream);
        await messages.SyncAsync(part, TimeSpan.Zero, cancellation);
    }

    private Task<Run?> GiveUpAsync(Run run, CancellationToken cancellation) => ending.EndAsync(run.AccountId, run.SourceId, run.Id, r => r with
    {
        State = RunState.Failed,
        Reason = new("run-stuck", $"The run did not end within {AgeMax.TotalDays:0} days.", "Look at its log, then start a new run."),
        FinishedAt = clock.GetUtcNow(),
    }, cancellation);
}
