using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Makes a planned export now, of the newest snapshot that is good enough.</summary>
public sealed class RunExportPlan(RunStore runs, JobStore jobs, ExportPlanStore plans, ExportScheduler scheduler, ActivityLog activities)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, ExportPlanId planId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var plan = await plans.GetAsync(sourceId, planId, cancellation);
        ExportRules.CheckMask(access, plan.Value.Mask);
        if (plan.Value.LastJobId is { } last && await jobs.FindAsync(sourceId, last, cancellation) is { Value.IsLive: true })
            throw Problem.Conflict($"Export {last} of this plan has not ended. Wait for it or cancel it.", "export-is-live");
        var snapshot = await scheduler.NewestAsync(plan.Value, cancellation)
            ?? throw Problem.Conflict($"The source has no snapshot that is {ApiText.Of(plan.Value.CoverageMin)}.", "no-such-snapshot");
        try
        {
            var job = await scheduler.StartAsync(plan, plan.Value, source.Value, snapshot.Seq, access.Caller.Actor, cancellation);
            await activities.AppendAsync(job.AccountId, job.RequestedBy, "export.requested", job.Id.ToString(), cancellation,
                ("source", sourceId.ToString()), ("snapshot", snapshot.Seq.ToString()), ("plan", planId.ToString()), ("mask", ApiText.Of(plan.Value.Mask)));
            return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{sourceId}/jobs/{job.Id}", JobView.Of(job));
        }
        catch (ConditionFailedException)
        {
            throw Problem.Changed("The export plan");
        }
    }
}
