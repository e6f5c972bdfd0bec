using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Does the next step of a restore: plan, wait for the safety snapshot, apply, undo. Goes on where the delivery before stopped.</summary>
public sealed class RestoreWorker(
    RunStore runs, JobStore jobs, JobMessages messages, AccountVaults vaults, IConnections connections, IPlatformWriter platform, RestoreItems items,
    RestorePlanning planning, RestoreApplying applying, RestoreUndoing undoing, ActivityLog activities, SourceMetrics metrics, SyncOptions options) : IMessageHandler
{
    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var body = RunMessages.Read(message, SourceItemsJson.Default.JobMessage);
        var (lease, job) = await JobLease.TakeAsync(jobs, body, cancellation);
        using var step = WorkTrace.Step("restore", job?.Trace, ("listbackup.source", body.SourceId), ("listbackup.job", body.JobId));
        if (lease is null)
        {
            if (job is { IsLive: true }) await messages.SendAsync(job, Later(job), cancellation);
            return;
        }
        if (lease.Job.Failures > JobLease.FailuresMax)
        {
            await EndAsync(lease, JobState.Failed, new("no-progress", "The restore was tried again and again without getting further.", "Look at its items; approve it again to go on."), cancellation);
            return;
        }
        try
        {
            await StepAsync(lease, deadline - options.DeadlineMargin, cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another delivery holds the restore and wrote first; this one stops. If nobody does, the sweeper sends the message again.
        }
        catch (PlatformException failure)
        {
            await FailedAsync(lease, failure, cancellation);
        }
        catch (Problem problem)
        {
            await EndAsync(lease, JobState.Failed, new(problem.Code, problem.Message), cancellation);
        }
        catch (VaultException damage)
        {
            await EndAsync(lease, JobState.Failed, new("vault", damage.Message, "Verify the source."), cancellation);
        }
    }

    private async Task StepAsync(JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var job = lease.Job;
        if (job.State == JobState.Preparing)
        {
            if (!await PrepareAsync(lease, cancellation)) return;
            job = lease.Job;
        }
        var source = await runs.FindSourceAsync(job.AccountId, job.SourceId, cancellation) ?? throw Problem.NotFound("The source");
        var session = await RestoreSession.OpenAsync(job, source.Value, vaults, connections, platform, items, jobs.Clock, cancellation);
        var isDone = job.State switch
        {
            JobState.Planning => await planning.WorkAsync(session, lease, deadline, cancellation),
            JobState.Applying => await applying.WorkAsync(session, lease, deadline, cancellation),
            _ => await undoing.WorkAsync(session, lease, deadline, cancellation),
        };
        if (isDone) await DoneAsync(lease, cancellation);
        else if (await lease.ReleaseAsync(j => j, TimeSpan.Zero, cancellation)) await messages.SendAsync(lease.Job, TimeSpan.Zero, cancellation);
    }

    /// <summary>True when the safety snapshot is there and applying may begin.</summary>
    private async Task<bool> PrepareAsync(JobLease lease, CancellationToken cancellation)
    {
        var run = await runs.FindRunAsync(lease.Job.SourceId, lease.Job.Restore!.SafetyRunId!.Value, cancellation); // Set together with the state.
        // A partial one will not do: what it lacks could not be put back.
        if (run is null || run.Value is { HasEnded: true, State: not RunState.Succeeded })
        {
            await EndAsync(lease, JobState.Failed, new("no-safety-snapshot", $"The snapshot before the restore could not be made whole, so nothing was written. {run?.Value.Reason?.Message}",
                "Mend the cause and approve the restore again."), cancellation);
            return false;
        }
        if (!run.Value.HasEnded)
        {
            // The committer wakes the job; the sweeper does if that message is lost.
            await lease.ReleaseAsync(j => j with { Failures = 0 }, TimeSpan.Zero, cancellation);
            return false;
        }
        return await lease.RenewAsync(j => j with { State = JobState.Applying, Restore = j.Restore! with { SafetySeq = run.Value.SnapshotSeq } }, cancellation);
    }

    private Task DoneAsync(JobLease lease, CancellationToken cancellation)
    {
        var restore = lease.Job.Restore!;
        return lease.Job.State switch
        {
            JobState.Planning => EndAsync(lease, JobState.Planned, null, cancellation),
            JobState.Applying => EndAsync(lease, Missing(restore.Apply) is null ? JobState.Succeeded : JobState.Partial, Missing(restore.Apply), cancellation),
            _ => EndAsync(lease, JobState.Undone,
                restore.Undo!.NotUndone > 0 ? new("not-undone", $"{restore.Undo.NotUndone} records could not be taken back; the result says why for each.") : null, cancellation),
        };
    }

    private static Reason? Missing(ApplyProgress apply) => apply switch
    {
        { Refused: > 0 } => new("records-refused", $"{apply.Refused} records were refused; the result says why for each."),
        { Uncertain: > 0 } => new("records-uncertain", $"Of {apply.Uncertain} records it is not known whether they were written.", "Plan again: the new plan shows what is missing."),
        _ => null,
    };

    private async Task EndAsync(JobLease lease, JobState state, Reason? reason, CancellationToken cancellation)
    {
        var ended = await lease.ReleaseAsync(j => j with
        {
            State = state,
            Reason = reason,
            FinishedAt = state == JobState.Planned ? null : jobs.Now,
            Restore = state == JobState.Planned ? j.Restore! with { PlannedAt = jobs.Now } : j.Restore,
        }, TimeSpan.Zero, cancellation);
        if (!ended) return;
        metrics.RestoreEnded(lease.Job);
        var apply = lease.Job.Restore!.Apply;
        await activities.AppendAsync(lease.Job.AccountId, lease.Job.RequestedBy, $"restore.{ApiText.Of(state)}", lease.Job.Id.ToString(), cancellation,
            ("source", lease.Job.SourceId.ToString()), ("created", apply.Created.ToString()), ("updated", apply.Updated.ToString()), ("refused", apply.Refused.ToString()));
    }

    private async Task FailedAsync(JobLease lease, PlatformException failure, CancellationToken cancellation)
    {
        if (!failure.MayPassLater)
        {
            await EndAsync(lease, JobState.Failed, Reasons.Of(failure), cancellation);
            return;
        }
        var delay = Backoff.Delay(lease.Job.Failures, failure.RetryAfter);
        if (await lease.ReleaseAsync(j => j with { Reason = Reasons.Of(failure) }, delay, cancellation)) await messages.SendAsync(lease.Job, delay, cancellation);
    }

    private TimeSpan Later(Job job)
    {
        var until = job.LeaseUntil > (job.NotBefore ?? default) ? job.LeaseUntil : job.NotBefore;
        return until is { } at && at > jobs.Now ? at - jobs.Now : TimeSpan.Zero;
    }
}
