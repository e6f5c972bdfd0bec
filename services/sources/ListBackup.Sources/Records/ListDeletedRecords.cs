using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Records of a stream that were there once and are not in this snapshot: what a mistaken deletion took.</summary>
public sealed class ListDeletedRecords(SnapshotAccess snapshots)
{
    public async Task<Ok<Page<DeletedRecordView>>> RunAsync(
        HttpContext http, SourceId sourceId, long seq, string stream, int? limit, string? cursor, CancellationToken cancellation)
    {
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, stream, cancellation);
        var (items, next) = await Skipping.PageAsync(reader.ReadDeletedAsync(stream, cancellation), Paging.Limit(limit), cursor, cancellation);
        return TypedResults.Ok(new Page<DeletedRecordView>([.. items.Select(DeletedRecordView.Of)], next));
    }
}
