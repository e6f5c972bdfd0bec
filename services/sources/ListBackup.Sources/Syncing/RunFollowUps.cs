using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Wakes what waits for a run's snapshot: the job that asked for it, planned exports, and its search indexes.</summary>
public sealed class RunFollowUps(JobMessages jobs, ExportScheduler exports, SearchIndexing indexing)
{
    public async Task SendAsync(Run run, CancellationToken cancellation)
    {
        if (run.ForJob is { } job) await jobs.SendAsync(QueueName.Restore, new(run.AccountId, run.SourceId, job), TimeSpan.Zero, cancellation);
        if (run.SnapshotSeq is null) return;
        await exports.SnapshotMadeAsync(run.SourceId, cancellation);
        await indexing.SendAsync(run.AccountId, run.SourceId, cancellation);
    }
}
