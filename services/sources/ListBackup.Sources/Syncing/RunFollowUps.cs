using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Wakes what waits for a run's snapshot: the job that asked for it, and planned exports.</summary>
public sealed class RunFollowUps(JobMessages jobs, ExportScheduler exports)
{
    public async Task SendAsync(Run run, CancellationToken cancellation)
    {
        if (run.ForJob is { } job) await jobs.SendAsync(QueueName.Restore, new(run.AccountId, run.SourceId, job), TimeSpan.Zero, cancellation);
        if (run.SnapshotSeq is not null) await exports.SnapshotMadeAsync(run.SourceId, cancellation);
    }
}
