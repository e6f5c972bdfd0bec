using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed class GetSnapshot(SnapshotAccess snapshots, IItemStore items)
{
    public async Task<Ok<SnapshotView>> RunAsync(HttpContext http, SourceId sourceId, long seq, CancellationToken cancellation)
    {
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, cancellation);
        var entry = await items.FindAsync(SourceKeys.Snapshot(sourceId, seq), SourceItemsJson.Default.SourceSnapshot, cancellation);
        return TypedResults.Ok(SnapshotView.Of(reader.Snapshot, entry?.Value));
    }
}
