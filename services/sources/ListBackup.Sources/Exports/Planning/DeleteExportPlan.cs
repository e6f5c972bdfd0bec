using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Ends a plan. What was delivered stays where it is.</summary>
public sealed class DeleteExportPlan(RunStore runs, ExportPlanStore plans, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(HttpContext http, SourceId sourceId, ExportPlanId planId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var plan = await plans.GetAsync(sourceId, planId, cancellation);
        http.RequireMatch(plan.Version, "The export plan");
        await plans.Items.DeleteAsync(plan.Key, Condition.None, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "export-plan.deleted", planId.ToString(), cancellation, ("source", sourceId.ToString()), ("name", plan.Value.Name));
        return TypedResults.NoContent();
    }
}
