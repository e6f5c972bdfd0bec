using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The export plans of a source.</summary>
public sealed class ListExportPlans(RunStore runs, ExportPlanStore plans)
{
    public async Task<Ok<Page<ExportPlanView>>> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        return TypedResults.Ok(new Page<ExportPlanView>([.. (await plans.OfAsync(sourceId, cancellation)).Select(ExportPlanView.Of)], null));
    }
}
