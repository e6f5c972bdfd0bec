using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Sends the message of a live job again when nobody works on it, and removes the files of exports that have expired.</summary>
public sealed class JobSweeper(JobStore jobs, JobMessages messages, ExportFiles exports)
{
    public async Task SweepAsync(Item item, CancellationToken cancellation)
    {
        if (await jobs.Items.FindAsync(item.Key, SourceItemsJson.Default.Job, cancellation) is not { } stored) return;
        var job = stored.Value;
        if (job.IsLive && !(job.LeaseUntil > jobs.Now) && !(job.NotBefore > jobs.Now)) await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        if (!job.IsLive && job.Export is { AreFilesRemoved: false } export && (export.ExpiresAt ?? job.FinishedAt) <= jobs.Now)
        {
            await exports.DeleteAllAsync(job.AccountId, job.Id, cancellation);
            await jobs.UpdateAsync(job, j => j.IsLive ? null : j with { Export = j.Export! with { AreFilesRemoved = true } }, cancellation);
            return;
        }
        await jobs.UpdateAsync(job, j => j, cancellation);
    }
}
