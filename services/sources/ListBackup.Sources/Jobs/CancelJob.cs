using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Stops a job after its current step. What a restore has written stays written, and can be undone.</summary>
public sealed class CancelJob(RunStore runs, JobStore jobs, ActivityLog activities)
{
    public async Task<Ok<JobView>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var job = await jobs.GetAsync(sourceId, jobId, null, cancellation);
        var stored = await jobs.UpdateAsync(job.Value, j => j.IsLive || j.State == JobState.Planned
            ? j with { State = JobState.Cancelled, Lease = null, LeaseUntil = null, NotBefore = null, FinishedAt = jobs.Now, Reason = new("cancelled", $"Cancelled by {access.Caller.Actor}.") }
            : null, cancellation);
        if (stored!.Value.State != JobState.Cancelled) throw Problem.Conflict($"The job has ended: {ApiText.Of(stored.Value.State)}.", "job-has-ended");
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, $"{ApiText.Of(job.Value.Kind)}.cancelled", jobId.ToString(), cancellation, ("source", sourceId.ToString()));
        return TypedResults.Ok(JobView.Of(stored.Value));
    }
}
