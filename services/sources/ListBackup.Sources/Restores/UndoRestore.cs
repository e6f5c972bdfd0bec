using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Takes a restore back, as far as it has come and as far as the platform lets it.</summary>
public sealed class UndoRestore(RunStore runs, JobStore jobs, JobMessages messages, ActivityLog activities)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var job = await jobs.GetAsync(sourceId, jobId, JobKind.Restore, cancellation);
        var begun = false;
        var stored = await jobs.UpdateAsync(job.Value, j =>
        {
            begun = CanUndo(j);
            return begun ? j with
            {
                State = JobState.Undoing,
                Reason = null,
                FinishedAt = null,
                Failures = 0,
                // Items beyond the saved progress may have been written by the delivery that was cut off, so undoing begins at the plan's end.
                Restore = j.Restore! with { Undo = j.Restore.Undo ?? new() { NextNumber = j.Restore.Plan.Items, RequestedBy = access.Caller.Actor } },
            } : null;
        }, cancellation);
        if (!begun) throw Problem.Conflict($"The restore is {ApiText.Of(job.Value.State)}; there is nothing to undo now.", "restore-not-applied");
        await messages.SendAsync(stored!.Value, TimeSpan.Zero, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "restore.undoRequested", jobId.ToString(), cancellation, ("source", sourceId.ToString()));
        return TypedResults.Accepted($"/v1/accounts/{access.Account.Id}/sources/{sourceId}/jobs/{jobId}", JobView.Of(stored.Value));
    }

    private static bool CanUndo(Job job) =>
        job.State is JobState.Succeeded or JobState.Partial or JobState.Failed or JobState.Cancelled && job.Restore is { ApprovedAt: not null, Plan.Items: > 0 };
}
