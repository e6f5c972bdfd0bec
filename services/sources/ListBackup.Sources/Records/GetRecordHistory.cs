using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Every version of a record, oldest first.</summary>
public sealed class GetRecordHistory(SnapshotAccess snapshots)
{
    public async Task<Ok<Page<RecordVersionView>>> RunAsync(HttpContext http, SourceId sourceId, string stream, string key, CancellationToken cancellation)
    {
        var vault = await snapshots.VaultAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var versions = await vault.GetHistoryAsync(sourceId.ToString(), stream, key, cancellation);
        return versions.Count == 0
            ? throw Problem.NotFound("The record")
            : TypedResults.Ok(new Page<RecordVersionView>([.. versions.Select(RecordVersionView.Of)], null));
    }
}
