using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Ends a part and counts it on its run in one transaction; the part that makes the run complete calls the committer. Of the part that is given, what its reading found out is kept.</summary>
public sealed class PartEnding(RunStore runs, RunMessages messages, SourceMetrics metrics)
{
    private const int TriesMax = 50;

    public async Task EndAsync(RunPart part, PartState state, PartCounts? counts, Reason? reason, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var run = await runs.FindRunAsync(part.SourceId, part.RunId, cancellation);
            var stored = await runs.FindPartAsync(part.SourceId, part.RunId, part.Stream, cancellation);
            if (run is null || stored is null || run.Value.HasEnded) return;
            if (stored.Value.HasEnded)
            {
                await CallCommitterAsync(run.Value, cancellation);
                return;
            }
            var counted = Counted(run.Value);
            try
            {
                await runs.Items.TransactAsync(
                [
                    ItemWrite.Putting(RunStore.PartItem(Ended(stored.Value, part, state, counts, reason)), Condition.VersionIs(stored.Version)),
                    ItemWrite.Putting(runs.RunItem(counted), Condition.VersionIs(run.Version)),
                ], cancellation);
                metrics.StreamEnded(counts ?? stored.Value.Counts);
                await CallCommitterAsync(counted, cancellation);
                return;
            }
            catch (ConditionFailedException) when (tries < TriesMax)
            {
                // Another part ended, or a person cancelled, in between.
            }
        }
    }

    /// <summary>Sent again whenever a late message finds the run complete: the first may have died with its sender.</summary>
    public async Task CallCommitterAsync(Run run, CancellationToken cancellation)
    {
        if (run.State == RunState.Committing) await messages.CommitAsync(run, TimeSpan.Zero, cancellation);
    }

    private static Run Counted(Run run)
    {
        var ended = run.PartsEnded + 1;
        return run with { PartsEnded = ended, State = ended >= run.Streams.Count ? RunState.Committing : run.State };
    }

    private RunPart Ended(RunPart part, RunPart given, PartState state, PartCounts? counts, Reason? reason)
    {
        var ended = part with { State = state, Counts = counts ?? part.Counts, Fill = given.Fill, SuddenlyEmptyOf = given.SuddenlyEmptyOf, Reason = reason, Lease = null, LeaseUntil = null, NotBefore = null, EndedAt = runs.Now, MovedAt = runs.Now };
        return ended.Logged(runs.Now, reason is null ? $"Read to its end: {ended.Counts.Records} records on {ended.Counts.Pages} pages." : reason.Message);
    }
}
