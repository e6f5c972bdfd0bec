using System.Globalization;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>
/// Approves a plan. First a snapshot of the platform as it is now is made, so that the restore can be undone; then the plan is applied. Approving again a
/// restore that failed on its way goes on where it stopped.
/// </summary>
public sealed class ApproveRestore(RunStore runs, JobStore jobs, JobMessages messages, StartRun start, ActivityLog activities, IItemStore items)
{
    // The platform moves on: what was compared longer ago is compared again.
    private static readonly TimeSpan PlanAgeMax = TimeSpan.FromHours(24);

    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var job = await jobs.GetAsync(sourceId, jobId, JobKind.Restore, cancellation);
        Check(job.Value);
        await CheckPersonAsync(access, job.Value.Restore!, cancellation);
        var approved = await ApproveAsync(source, job.Value, access.Caller.Actor, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "restore.approved", jobId.ToString(), cancellation, ("source", sourceId.ToString()),
            ("consentOfDeleted", ApiText.Of(job.Value.Restore!.ConsentOfDeleted)), ("withConsent", job.Value.Restore.Plan.WithConsent.ToString(CultureInfo.InvariantCulture)));
        return TypedResults.Accepted($"/v1/accounts/{access.Account.Id}/sources/{sourceId}/jobs/{jobId}", JobView.Of(approved));
    }

    private void Check(Job job)
    {
        var restore = job.Restore!; // A restore job is made with it.
        var goesOn = job.State is JobState.Failed or JobState.Cancelled && restore.PlannedAt is not null && restore.Undo is null;
        if (job.State != JobState.Planned && !goesOn) throw Problem.Conflict($"The restore is {ApiText.Of(job.State)}; only a plan can be approved.", "restore-not-planned");
        if (restore.Apply.NextNumber == 0 && jobs.Now - restore.PlannedAt > PlanAgeMax) throw Problem.Conflict("The plan is older than a day. Make a new one.", "plan-too-old");
    }

    /// <summary>Where two people are demanded, when it was planned or now, the second has to be another; going on with what somebody approved is no new approval.</summary>
    private async Task CheckPersonAsync(Access access, RestoreDetail restore, CancellationToken cancellation)
    {
        if (restore.ApprovedAt is not null || (restore.PlannedBy is { } planner && planner != access.Caller.UserId)) return;
        if (restore.NeedsSecondPerson || await items.IsOnAsync(access.Account, AccountSettings.FourEyes, cancellation))
            throw Problem.NotAllowed("This account has restores approved by somebody else than who planned them. Ask another person whose role includes restores.", "second-person-needed");
    }

    private async Task<Job> ApproveAsync(Stored<Source> source, Job job, string actor, CancellationToken cancellation)
    {
        // Another connection has no source here whose snapshot could be made; a restore that has begun has its snapshot already.
        var needsSnapshot = job.Restore!.TargetConnectionId is null && job.Restore.SafetySeq is null;
        var run = needsSnapshot ? start.New(source.Value, RunTrigger.Restore, actor) with { ForJob = job.Id, OnlyStreams = Read(source.Value, job.Restore) } : null;
        if (run is not null && source.Value.CurrentRunId is { } live) throw Problem.Conflict($"Run {live} of this source has not ended. Wait for it or cancel it.", "run-is-live");

        var approved = false;
        var stored = await jobs.UpdateAsync(job, j =>
        {
            approved = j.State == job.State;
            return approved ? j with
            {
                State = run is null ? JobState.Applying : JobState.Preparing,
                Reason = null,
                FinishedAt = null,
                Failures = 0,
                Restore = j.Restore! with { ApprovedBy = actor, ApprovedAt = jobs.Now, SafetyRunId = run?.Id ?? j.Restore.SafetyRunId },
            } : null;
        }, cancellation);
        if (!approved) throw Problem.Conflict("Somebody else changed the restore at the same moment.");
        if (run is not null) await start.RunAsync(source, run, cancellation);
        else await messages.SendAsync(stored!.Value, TimeSpan.Zero, cancellation);
        return stored!.Value;
    }

    /// <summary>Only what the restore writes need be safe, and only where the source reads it.</summary>
    private static IReadOnlyList<string>? Read(Source source, RestoreDetail restore) =>
        source.Streams is null ? restore.Streams : [.. restore.Streams.Where(name => source.Streams.Any(s => s.Name == name))];
}
