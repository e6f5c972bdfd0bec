using System.IO.Compression;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Stream">The record's stream.</param>
/// <param name="Key">The record's key.</param>
public sealed record ProveRecordRequest(string Stream, string Key);

/// <summary>
/// A zip that proves to somebody without keys that a record was in a snapshot; <c>scripts/verify-proof.sh</c> checks it offline. It reveals the record, the manifest and a salt,
/// so whoever may read records may make it, and it is noted who did.
/// </summary>
public sealed class ProveRecord(SnapshotAccess snapshots, ActivityLog activities)
{
    public async Task<FileContentHttpResult> RunAsync(HttpContext http, SourceId sourceId, long seq, ProveRecordRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var vault = await snapshots.VaultAsync(access.Account.Id, sourceId, cancellation);
        RecordProof proof;
        try
        {
            proof = await vault.ProveAsync(sourceId.ToString(), request.Stream, request.Key, seq, cancellation);
        }
        catch (VaultException exception) when (exception is VaultNotFoundException or SnapshotExpiredException)
        {
            throw Problem.NotFound($"The record in snapshot {seq}");
        }
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "record.proven", sourceId.ToString(), cancellation, ("snapshot", $"{seq}"), ("stream", request.Stream));
        return TypedResults.File(Zip(proof), "application/zip", $"proof-{sourceId}-{seq}.zip");
    }

    private static byte[] Zip(RecordProof proof)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in proof.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }
}
