using System.Diagnostics.Metrics;

namespace ListBackup.Sources;

/// <summary>What runs and restores came to. Each is counted once, by the write that ended it; never with a customer's or a source's name.</summary>
public sealed class SourceMetrics
{
    private readonly Counter<long> _runs;
    private readonly Histogram<double> _runTime;
    private readonly Counter<long> _records;
    private readonly Counter<long> _changes;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _restores;
    private readonly Counter<long> _restored;

    public SourceMetrics(IMeterFactory meters)
    {
        // The factory disposes its meters.
        var meter = meters.Create(SourcesTelemetry.Meter);
        _runs = meter.CreateCounter<long>("listbackup.run.ended", "{run}", "Runs that ended, by state and trigger.");
        _runTime = meter.CreateHistogram<double>("listbackup.run.duration", "s", "From the beginning of a run to its end, by state.");
        _records = meter.CreateCounter<long>("listbackup.sync.records", "{record}", "Records that arrived, by what became of them: added, changed, unchanged, refused.");
        _changes = meter.CreateCounter<long>("listbackup.snapshot.changes", "{record}", "Records that snapshots added, changed or deleted; only the commit knows what a whole reading missed.");
        _requests = meter.CreateCounter<long>("listbackup.sync.requests", "{request}", "Requests to platforms by streams that ended, and how many of them were retries.");
        _bytes = meter.CreateCounter<long>("listbackup.sync.bytes", "By", "Bytes that platforms sent.");
        _restores = meter.CreateCounter<long>("listbackup.restore.ended", "{restore}", "Steps of restores that ended, by state: planned, succeeded, partial, undone, failed.");
        _restored = meter.CreateCounter<long>("listbackup.restore.records", "{record}", "Records of applied restores, by outcome: created, updated, refused, uncertain.");
    }

    public void RunEnded(Run run, SourceSnapshot? snapshot)
    {
        var state = ApiText.Of(run.State);
        _runs.Add(1, new("state", state), new("trigger", ApiText.Of(run.Trigger)));
        if (run is { StartedAt: { } started, FinishedAt: { } finished }) _runTime.Record((finished - started).TotalSeconds, new KeyValuePair<string, object?>("state", state));
        if (snapshot is not null) Add(_changes, "change", ("added", snapshot.Added), ("changed", snapshot.Changed), ("deleted", snapshot.Deleted));
    }

    public void StreamEnded(PartCounts counts)
    {
        Add(_records, "change", ("added", counts.Added), ("changed", counts.Changed), ("unchanged", counts.Unchanged), ("refused", counts.Refused));
        Add(_requests, "kind", ("first", counts.Requests - counts.Retries), ("retry", counts.Retries));
        _bytes.Add(counts.Bytes);
    }

    public void RestoreEnded(Job job)
    {
        _restores.Add(1, new KeyValuePair<string, object?>("state", ApiText.Of(job.State)));
        if (job is { State: JobState.Succeeded or JobState.Partial, Restore.Apply: { } apply })
            Add(_restored, "outcome", ("created", apply.Created), ("updated", apply.Updated), ("refused", apply.Refused), ("uncertain", apply.Uncertain));
    }

    private static void Add(Counter<long> counter, string tag, params ReadOnlySpan<(string Value, long Count)> counts)
    {
        foreach (var (value, count) in counts)
        {
            if (count > 0) counter.Add(count, new KeyValuePair<string, object?>(tag, value));
        }
    }
}
