using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Wakes the job that waits for a run's snapshot.</summary>
public sealed class RunFollowUps(JobMessages jobs)
{
    public async Task SendAsync(Run run, CancellationToken cancellation)
    {
        if (run.ForJob is { } job) await jobs.SendAsync(QueueName.Restore, new(run.AccountId, run.SourceId, job), TimeSpan.Zero, cancellation);
    }
}
