using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The records of a stream that differ between two snapshots, with the fields that do.</summary>
public sealed class ListDifferences(SnapshotAccess snapshots)
{
    public async Task<Ok<Page<RecordDifferenceView>>> RunAsync(
        HttpContext http, SourceId sourceId, string stream, long from, long to, int? limit, string? cursor, CancellationToken cancellation)
    {
        CompareSnapshots.CheckOrder(from, to);
        var account = http.GetAccess().Account.Id;
        await snapshots.OpenAsync(account, sourceId, to, stream, cancellation);
        if (from > 0) await snapshots.OpenAsync(account, sourceId, from, cancellation);
        var vault = await snapshots.VaultAsync(account, sourceId, cancellation);
        var all = vault.DiffAsync(sourceId.ToString(), stream, from, to, cancellation);
        var (items, next) = await Skipping.PageAsync(all, Paging.Limit(limit), cursor, cancellation);
        return TypedResults.Ok(new Page<RecordDifferenceView>([.. items.Select(RecordDifferenceView.Of)], next));
    }
}
