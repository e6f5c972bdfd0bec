using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>How the fields of a stream differ between two snapshots.</summary>
/// <param name="Basis">observed (what was stored since; cheap) or records (every record of both; exact).</param>
/// <param name="IsTruncated">There are more fields than are kept, so some may be missing here.</param>
public sealed record SchemaDriftView(string Stream, long From, long To, string Basis, long RecordsBefore, long RecordsAfter, IReadOnlyList<FieldDrift> Fields, bool IsTruncated);

public sealed class GetSchemaDrift(SnapshotAccess snapshots)
{
    public async Task<Ok<SchemaDriftView>> RunAsync(HttpContext http, SourceId sourceId, string stream, long from, long to, string? basis, CancellationToken cancellation)
    {
        if (from < 1 || to <= from) throw Problem.Invalid("to", "Must be a later snapshot than from.");
        var by = basis switch
        {
            null or "observed" => DriftBasis.Observed,
            "records" => DriftBasis.Records,
            _ => throw Problem.Invalid("basis", "Must be observed or records."),
        };
        var vault = await snapshots.VaultAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        try
        {
            var drift = await vault.DriftAsync(sourceId.ToString(), stream, from, to, by, cancellation);
            return TypedResults.Ok(new SchemaDriftView(stream, from, to, ApiText.Of(by), drift.RecordsBefore, drift.RecordsAfter, drift.Fields, drift.IsTruncated));
        }
        catch (VaultException exception) when (exception is VaultNotFoundException or SnapshotExpiredException)
        {
            throw Problem.NotFound($"Stream {stream} in snapshots {from} and {to}");
        }
    }
}
