using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>One plan, without its secret.</summary>
public sealed class GetExportPlan(RunStore runs, ExportPlanStore plans)
{
    public async Task<Ok<ExportPlanView>> RunAsync(HttpContext http, SourceId sourceId, ExportPlanId planId, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var plan = await plans.GetAsync(sourceId, planId, cancellation);
        http.WriteETag(plan.Version);
        return TypedResults.Ok(ExportPlanView.Of(plan.Value));
    }
}
