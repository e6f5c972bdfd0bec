using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>What became of a plan's exports, newest first.</summary>
public sealed class ListExportDeliveries(RunStore runs, ExportPlanStore plans)
{
    public async Task<Ok<Page<ExportDeliveryView>>> RunAsync(HttpContext http, SourceId sourceId, ExportPlanId planId, int? limit, string? cursor, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        await plans.GetAsync(sourceId, planId, cancellation);
        var page = await plans.Items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(sourceId),
            SortPrefix = SourceKeys.DeliveryPrefix(planId),
            Descending = true,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<ExportDeliveryView>([.. page.Items.Select(item => ExportDeliveryView.Of(ItemJson.Read(item, SourceItemsJson.Default.ExportDelivery).Value))], page.Next));
    }
}
