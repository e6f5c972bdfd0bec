using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The runs of a source, newest first.</summary>
public sealed class ListRuns(RunStore runs)
{
    public async Task<Ok<Page<RunView>>> RunAsync(HttpContext http, SourceId sourceId, int? limit, string? cursor, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var page = await runs.Items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(sourceId),
            SortPrefix = "RUN#",
            Descending = true,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<RunView>([.. page.Items.Select(item => RunView.Of(ItemJson.Read(item, SourceItemsJson.Default.Run).Value))], page.Next));
    }
}
