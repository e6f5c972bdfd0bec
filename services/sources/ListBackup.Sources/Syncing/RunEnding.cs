using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Ends a run: its state, its source's state and, when there is one, its snapshot become visible in one transaction.</summary>
public sealed class RunEnding(RunStore runs, RunNotices notices, ActivityLog activities, SourceMetrics metrics)
{
    private const int TriesMax = 50;

    /// <summary>
    /// Ends the run unless it has ended; <paramref name="end"/> sees its state at that moment and may leave it alone (null). Returns the run as it stands.
    /// </summary>
    public async Task<Run?> EndAsync(
        AccountId account, SourceId source, RunId run, Func<Run, Run?> end, CancellationToken cancellation, SourceSnapshot? snapshot = null)
    {
        for (var tries = 1; ; tries++)
        {
            if (await runs.FindRunAsync(source, run, cancellation) is not { } stored) return null;
            if (stored.Value.HasEnded || end(stored.Value) is not { } ended) return stored.Value;
            try
            {
                await runs.Items.TransactAsync(await WritesAsync(account, source, stored, ended, snapshot, cancellation), cancellation);
                metrics.RunEnded(ended, snapshot);
                return ended;
            }
            catch (ConditionFailedException) when (tries < TriesMax)
            {
                // A part or a person wrote in between; the next round sees it.
            }
        }
    }

    /// <summary>Tells people of an ended run and writes its activities, at least once, and takes the run out of the sweeper's sight.</summary>
    public async Task NoteAsync(Run run, CancellationToken cancellation)
    {
        if (!run.HasEnded || run.IsNoted) return;
        await notices.TellAsync(run, cancellation);
        (string, string)[] details =
        [
            ("state", run.State.ToString().ToLowerInvariant()),
            ("source", run.SourceId.ToString()),
            .. run.SnapshotSeq is { } seq ? [("snapshot", seq.ToString())] : Array.Empty<(string, string)>(),
            .. run.Reason is { } reason ? [("reason", reason.Code)] : Array.Empty<(string, string)>(),
        ];
        if (run.Anomalies.Any(a => a.Severity == AnomalySeverity.Severe))
            await activities.AppendAsync(run.AccountId, "system", RunNotices.Quarantined, run.SourceId.ToString(), cancellation, ("snapshot", $"{run.SnapshotSeq}"), ("run", run.Id.ToString()));
        await activities.AppendAsync(run.AccountId, run.RequestedBy, "run.finished", run.Id.ToString(), cancellation, details);
        await runs.UpdateRunAsync(run.SourceId, run.Id, r => r.IsNoted ? null : r with { IsNoted = true }, cancellation);
    }

    private async Task<IReadOnlyList<ItemWrite>> WritesAsync(
        AccountId account, SourceId sourceId, Stored<Run> before, Run ended, SourceSnapshot? snapshot, CancellationToken cancellation)
    {
        var writes = new List<ItemWrite> { ItemWrite.Putting(runs.RunItem(ended), Condition.VersionIs(before.Version)) };
        if (await runs.FindSourceAsync(account, sourceId, cancellation) is { } source)
            writes.Add(ItemWrite.Putting(RunStore.SourceItem(After(source.Value, ended, snapshot, await CountsAsync(ended, cancellation))), Condition.VersionIs(source.Version)));
        if (snapshot is not null)
            writes.Add(ItemWrite.Putting(ItemJson.Item(SourceKeys.Snapshot(sourceId, snapshot.Seq), snapshot, SourceItemsJson.Default.SourceSnapshot)));
        return writes;
    }

    private async Task<PartCounts> CountsAsync(Run run, CancellationToken cancellation) =>
        (await runs.PartsAsync(run.SourceId, run.Id, cancellation)).Aggregate(new PartCounts(), (sum, part) => sum.Plus(part.Value.Counts));

    private static Source After(Source source, Run run, SourceSnapshot? snapshot, PartCounts counts) => source with
    {
        Usage = MonthUsage.Added(source.Usage, run, counts, snapshot),
        LastRecords = snapshot?.Live ?? source.LastRecords,
        CurrentRunId = source.CurrentRunId == run.Id ? null : source.CurrentRunId,
        LastRunId = run.Id,
        LastRunState = run.State,
        LastRunAt = run.FinishedAt,
        LastReason = run.Reason,
        LastSnapshotSeq = snapshot?.Seq ?? source.LastSnapshotSeq,
        LastSnapshotAt = snapshot?.At ?? source.LastSnapshotAt,
        NeedsReview = snapshot is null ? source.NeedsReview : snapshot.Anomalies.Count > 0,
        Quarantine = snapshot?.Quarantine is null ? source.Quarantine : Quarantined(source, snapshot),
        FailuresInARow = run.State switch
        {
            RunState.Failed => source.FailuresInARow + 1,
            RunState.Cancelled => source.FailuresInARow,
            _ => 0,
        },
        MayBeEmpty = [.. source.MayBeEmpty.Except(run.FullSweeps, StringComparer.Ordinal)],
        LastFullSweeps = run.FullSweeps.Count == 0 ? source.LastFullSweeps : Merged(source.LastFullSweeps, run),
    };

    private static Quarantine Quarantined(Source source, SourceSnapshot snapshot)
    {
        var open = source.Quarantine ?? new(snapshot.At, source.LastSnapshotSeq, []);
        return open with { Seqs = [.. open.Seqs.Append(snapshot.Seq).Distinct().TakeLast(Quarantine.SeqsMax)] };
    }

    private static Dictionary<string, DateTimeOffset> Merged(IReadOnlyDictionary<string, DateTimeOffset> sweeps, Run run)
    {
        var merged = new Dictionary<string, DateTimeOffset>(sweeps, StringComparer.Ordinal);
        foreach (var stream in run.FullSweeps) merged[stream] = run.StartedAt ?? run.QueuedAt;
        return merged;
    }
}
