using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The records of a stream as they were at a snapshot.</summary>
public sealed class ListRecords(SnapshotAccess snapshots)
{
    public async Task<Ok<RecordPageView>> RunAsync(
        HttpContext http, SourceId sourceId, long seq, string stream, string? q, string[]? filter, int? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new RecordQuery
        {
            Limit = Paging.Limit(limit),
            Cursor = cursor,
            Contains = string.IsNullOrWhiteSpace(q) ? null : q,
            Filters = RecordFilters.Parse(filter ?? []),
        };
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, stream, cancellation);
        var page = await reader.QueryAsync(stream, query, cancellation);
        return TypedResults.Ok(new RecordPageView([.. page.Records.Select(RecordView.Of)], page.NextCursor, page.Examined));
    }
}
