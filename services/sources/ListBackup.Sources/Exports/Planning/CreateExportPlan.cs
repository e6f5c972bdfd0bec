using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Plans exports of a source.</summary>
public sealed class CreateExportPlan(RunStore runs, ExportPlanStore plans, ExportPlanRules rules, ActivityLog activities)
{
    public async Task<Created<ExportPlanView>> RunAsync(HttpContext http, SourceId sourceId, ExportPlanRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        ExportRules.CheckMask(access, request.Mask);
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var plan = await rules.MakeAsync(source.Value, null, request, access.Caller.Actor, cancellation);
        http.WriteETag(await plans.AddAsync(plan, cancellation));
        await activities.AppendAsync(plan.AccountId, access.Caller.Actor, "export-plan.created", plan.Id.ToString(), cancellation,
            ("source", sourceId.ToString()), ("name", plan.Name), ("mask", ApiText.Of(plan.Mask)), ("destination", ApiText.Of(plan.Destination.Kind)));
        return TypedResults.Created($"/v1/accounts/{plan.AccountId}/sources/{sourceId}/export-plans/{plan.Id}", ExportPlanView.Of(plan));
    }
}
