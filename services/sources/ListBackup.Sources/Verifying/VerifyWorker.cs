using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Verifies a source's part of the vault. One delivery does it all; a verification that was cut off starts over.</summary>
public sealed class VerifyWorker(JobStore jobs, JobMessages messages, RunStore runs, AccountVaults vaults, SourceVerification verification, ActivityLog activities)
{
    public async Task WorkAsync(JobMessage message, CancellationToken cancellation)
    {
        var (lease, job) = await JobLease.TakeAsync(jobs, message, cancellation);
        if (lease is null)
        {
            if (job is { IsLive: true, LeaseUntil: { } until }) await messages.SendAsync(job, until - jobs.Now, cancellation);
            return;
        }
        if (lease.Job.Failures > JobLease.FailuresMax)
        {
            await lease.ReleaseAsync(j => j with { State = JobState.Failed, FinishedAt = jobs.Now, Reason = new("no-progress", "The verification was cut off each time it was tried.") }, TimeSpan.Zero, cancellation);
            return;
        }
        var detail = lease.Job.Verify!; // A verify job is made with it.
        var vault = await vaults.OpenAsync(message.AccountId, cancellation);
        if (await runs.FindSourceAsync(message.AccountId, message.SourceId, cancellation) is not { } source) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var verifying = verification.VerifyAsync(vault, source.Value, new() { Level = detail.Level, Source = message.SourceId.ToString(), Seq = detail.Seq }, stop.Token);
        if (!await lease.HoldAsync(verifying, cancellation))
        {
            await stop.CancelAsync();
            return;
        }
        var report = await verifying;
        var ended = await lease.ReleaseAsync(j => j with
        {
            State = report.IsSound ? JobState.Succeeded : JobState.Failed,
            FinishedAt = jobs.Now,
            Reason = report.IsSound ? null : SourceVerification.DamageOf(report),
            Verify = detail with { Report = report with { Problems = [.. report.Problems.Take(50)] } },
        }, TimeSpan.Zero, cancellation);
        if (ended) await activities.AppendAsync(message.AccountId, lease.Job.RequestedBy, "verification.finished", message.JobId.ToString(), cancellation,
            ("sound", report.IsSound ? "yes" : "no"), ("level", ApiText.Of(detail.Level)), ("source", message.SourceId.ToString()));
    }
}
