using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The fields that a stream's records were seen to have, and since when.</summary>
public sealed class GetObservedSchema(SnapshotAccess snapshots)
{
    public async Task<Ok<SchemaView>> RunAsync(HttpContext http, SourceId sourceId, long seq, string stream, CancellationToken cancellation)
    {
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, stream, cancellation);
        var schema = reader.SchemaOf(stream);
        return TypedResults.Ok(new SchemaView(schema.Records, [.. schema.Fields.Select(f => new SchemaFieldView(f.Path, f.Types, f.Count, f.FirstSeq))], schema.IsTruncated));
    }
}
