using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Sends the message of a live job again when nobody works on it.</summary>
public sealed class JobSweeper(JobStore jobs, JobMessages messages)
{
    public async Task SweepAsync(Item item, CancellationToken cancellation)
    {
        if (await jobs.Items.FindAsync(item.Key, SourceItemsJson.Default.Job, cancellation) is not { } stored) return;
        var job = stored.Value;
        if (job.IsLive && !(job.LeaseUntil > jobs.Now) && !(job.NotBefore > jobs.Now)) await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        await jobs.UpdateAsync(job, j => j, cancellation);
    }
}
