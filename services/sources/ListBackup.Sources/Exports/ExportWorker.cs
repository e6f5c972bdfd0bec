using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Writes an export's files, one stream after the other; a stream that was cut off is written again from its start.</summary>
public sealed class ExportWorker(JobStore jobs, JobMessages messages, AccountVaults vaults, ExportFiles files, ActivityLog activities, SyncOptions options) : IMessageHandler
{
    /// <summary>How long finished files are handed out.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var body = RunMessages.Read(message, SourceItemsJson.Default.JobMessage);
        var (lease, job) = await JobLease.TakeAsync(jobs, body, cancellation);
        if (lease is null)
        {
            if (job is { IsLive: true, LeaseUntil: { } until }) await messages.SendAsync(job, until > jobs.Now ? until - jobs.Now : TimeSpan.Zero, cancellation);
            return;
        }
        try
        {
            if (lease.Job.Failures > JobLease.FailuresMax) throw Problem.Conflict("The export was cut off each time it was tried; it may be too large for this installation.", "no-progress");
            await WorkAsync(lease, deadline - options.DeadlineMargin, cancellation);
        }
        catch (Problem problem)
        {
            await EndAsync(lease, JobState.Failed, new(problem.Code, problem.Message), cancellation);
        }
        catch (VaultException damage)
        {
            await EndAsync(lease, JobState.Failed, new("vault", damage.Message, "Verify the source."), cancellation);
        }
        catch (ObjectStoreFullException full)
        {
            await EndAsync(lease, JobState.Failed, new("storage-full", full.Message, "Make room where exports are kept."), cancellation);
        }
    }

    private async Task WorkAsync(JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(lease.Job.AccountId, cancellation);
        var reader = await vault.OpenSnapshotAsync(lease.Job.SourceId.ToString(), lease.Job.Export!.Seq, cancellation); // An export job is made with it.
        while (lease.Job.Export!.Files.Count < lease.Job.Export.Streams.Count)
        {
            var number = lease.Job.Export.Files.Count;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var writing = files.WriteAsync(lease.Job, reader, lease.Job.Export.Streams[number], number + 1, stop.Token);
            if (!await lease.HoldAsync(writing, cancellation))
            {
                await stop.CancelAsync();
                return;
            }
            var file = await writing;
            if (!await lease.RenewAsync(j => j with { State = JobState.Running, Export = j.Export! with { Files = [.. j.Export.Files, file] } }, cancellation)) return;
            if (jobs.Now >= deadline && number + 1 < lease.Job.Export.Streams.Count)
            {
                if (await lease.ReleaseAsync(j => j, TimeSpan.Zero, cancellation)) await messages.SendAsync(lease.Job, TimeSpan.Zero, cancellation);
                return;
            }
        }
        await EndAsync(lease, JobState.Succeeded, null, cancellation);
    }

    private async Task EndAsync(JobLease lease, JobState state, Reason? reason, CancellationToken cancellation)
    {
        var ended = await lease.ReleaseAsync(j => j with
        {
            State = state,
            Reason = reason,
            FinishedAt = jobs.Now,
            Export = j.Export! with { ExpiresAt = jobs.Now + KeptFor },
        }, TimeSpan.Zero, cancellation);
        if (ended) await activities.AppendAsync(lease.Job.AccountId, lease.Job.RequestedBy, $"export.{ApiText.Of(state)}", lease.Job.Id.ToString(), cancellation,
            ("source", lease.Job.SourceId.ToString()), ("records", lease.Job.Export!.Files.Sum(f => f.Records).ToString()));
    }
}
