using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>One record as it was at a snapshot.</summary>
public sealed class GetRecord(SnapshotAccess snapshots)
{
    public async Task<Ok<RecordView>> RunAsync(HttpContext http, SourceId sourceId, long seq, string stream, string key, CancellationToken cancellation)
    {
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, stream, cancellation);
        var record = await reader.FindAsync(stream, key, cancellation) ?? throw Problem.NotFound($"The record in snapshot {seq}");
        return TypedResults.Ok(RecordView.Of(record));
    }
}
