using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The snapshots of a source, newest first; with from and to the days of a calendar.</summary>
public sealed class ListSnapshots(RunStore runs)
{
    public async Task<Ok<Page<SnapshotSummaryView>>> RunAsync(
        HttpContext http, SourceId sourceId, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? cursor, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var page = await runs.Items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(sourceId),
            SortPrefix = "SNAP#",
            Descending = true,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        var snapshots = page.Items.Select(item => ItemJson.Read(item, SourceItemsJson.Default.SourceSnapshot).Value).ToList();
        // Times fall with the numbers: once a page reaches back beyond from, there is nothing more to find.
        var isPast = from is not null && snapshots.Count > 0 && snapshots[^1].At < from;
        var shown = snapshots.Where(s => (from is null || s.At >= from) && (to is null || s.At <= to));
        return TypedResults.Ok(new Page<SnapshotSummaryView>([.. shown.Select(SnapshotSummaryView.Of)], isPast ? null : page.Next));
    }
}
