using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Changes a plan to what is given; its deliveries stay.</summary>
public sealed class ReplaceExportPlan(RunStore runs, ExportPlanStore plans, ExportPlanRules rules, ActivityLog activities)
{
    public async Task<Ok<ExportPlanView>> RunAsync(HttpContext http, SourceId sourceId, ExportPlanId planId, ExportPlanRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        ExportRules.CheckMask(access, request.Mask);
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var before = await plans.GetAsync(sourceId, planId, cancellation);
        http.RequireMatch(before.Version, "The export plan");
        var made = await rules.MakeAsync(source.Value, before.Value, request, access.Caller.Actor, cancellation);
        // An export may have begun meanwhile; what it noted stays.
        var stored = await plans.UpdateAsync(sourceId, planId, now => made with { LastJobId = now.LastJobId, LastSeq = now.LastSeq }, cancellation) ?? throw Problem.NotFound("The export plan");
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "export-plan.changed", planId.ToString(), cancellation,
            ("source", sourceId.ToString()), ("mask", ApiText.Of(made.Mask)), ("destination", ApiText.Of(made.Destination.Kind)));
        http.WriteETag(stored.Version);
        return TypedResults.Ok(ExportPlanView.Of(stored.Value));
    }
}
