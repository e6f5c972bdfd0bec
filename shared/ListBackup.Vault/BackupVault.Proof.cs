using ListBackup.Vault.Log;
using ListBackup.Vault.Proving;
using ListBackup.Vault.Verifying;

namespace ListBackup.Vault;

public sealed partial class BackupVault
{
    /// <summary>
    /// Logs every snapshot and receipt that is not logged yet and signs the log's state as <c>log/checkpoint</c>. Whoever keeps the note outside the store
    /// can tell later whether the store was rolled back (<see cref="VerifyRequest.KnownCheckpoint"/>). Repeating it is harmless.
    /// </summary>
    public async Task<LogCheckpoint> PublishLogAsync(CancellationToken cancellation) =>
        await LogPublisher.PublishAsync(_core, cancellation);

    /// <summary>
    /// Publishes the log and proves from its tiles that it is the one of an older checkpoint, grown: the body of an <c>add-checkpoint</c> request
    /// (c2sp.org/tlog-witness), which is a line <c>old SIZE</c>, a line in base64 for each hash of the proof (RFC 6962, 2.1.2), an empty line and the new checkpoint.
    /// </summary>
    /// <param name="older">The older checkpoint; null: none, which a witness that has seen nothing yet is told.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="VaultDamagedException">The checkpoint is not one of this log, or the log is shorter or another than it was then.</exception>
    public Task<byte[]> ProveGrowthAsync(byte[]? older, CancellationToken cancellation) => GrowthProver.ProveAsync(_core, older, cancellation);

    /// <summary>Signs the report of a verification, stores it under <c>v/</c> and logs its hash.</summary>
    public Task<StoredReport> SignReportAsync(VerifyReport report, CancellationToken cancellation) => SignedReport.WriteAsync(_core, report, cancellation);

    /// <summary>
    /// Restores a random stream of a random snapshot into scratch and compares what came back with what its manifest names: the number of records, every byte,
    /// the state root, files to their ends. Scratch is a file in <see cref="VaultOptions.SpillFolder"/>, sealed under a key that never leaves memory. Damage is reported, never thrown.
    /// </summary>
    /// <exception cref="VaultNotFoundException">There is nothing that could be restored.</exception>
    public Task<DrillReport> DrillAsync(DrillRequest request, CancellationToken cancellation) => new Drill(_core, request).RunAsync(cancellation);

    /// <summary>Signs the report of a drill, stores it under <c>v/</c> and logs its hash.</summary>
    public Task<StoredReport> SignReportAsync(DrillReport report, CancellationToken cancellation) => SignedReport.WriteAsync(_core, report, cancellation);

    /// <summary>
    /// Proves that a record was in a snapshot, to somebody who has none of the keys: <c>scripts/verify-proof.sh</c> checks the files offline. They reveal the
    /// record, the manifest, and the salt of the stream's hashes, with which guesses of the contents of up to about a thousand other records can be checked.
    /// Reads the stream's whole state; publishes a checkpoint of the log.
    /// </summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="key">The record's key.</param>
    /// <param name="at">Number of the snapshot; null: the newest.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="VaultNotFoundException">The record is not in the snapshot, its content was erased, or there is no such snapshot or stream.</exception>
    /// <exception cref="SnapshotExpiredException">Retention has let the snapshot go.</exception>
    public Task<RecordProof> ProveAsync(string source, string stream, string key, long? at, CancellationToken cancellation) =>
        new RecordProver(_core, source, stream, key).ProveAsync(at, cancellation);
}

/// <summary>A verification's report, signed.</summary>
/// <param name="Object">Where it lies.</param>
/// <param name="Document">A line of JSON and a line with the signature, which <c>openssl dgst -verify</c> checks.</param>
public sealed record StoredReport(string Object, byte[] Document);

/// <summary>A proof bundle.</summary>
/// <param name="Source">Id of the source.</param>
/// <param name="Stream">Name of the stream.</param>
/// <param name="Seq">The snapshot.</param>
/// <param name="Time">When it was committed, by the committer's clock.</param>
/// <param name="Files">Its files by name; they belong in one folder.</param>
public sealed record RecordProof(string Source, string Stream, long Seq, DateTimeOffset Time, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>A signed state of the account's log.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Root">Merkle root over them (RFC 6962), lower-case hex.</param>
/// <param name="Note">The checkpoint as it lies in the store: a C2SP signed note.</param>
public sealed record LogCheckpoint(long Size, string Root, byte[] Note);
