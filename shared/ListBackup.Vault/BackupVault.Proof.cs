using ListBackup.Vault.Log;

namespace ListBackup.Vault;

public sealed partial class BackupVault
{
    /// <summary>
    /// Logs every snapshot and receipt that is not logged yet and signs the log's state as <c>log/checkpoint</c>. Whoever keeps the note outside the store
    /// can tell later whether the store was rolled back (<see cref="VerifyRequest.KnownCheckpoint"/>). Repeating it is harmless.
    /// </summary>
    public async Task<LogCheckpoint> PublishLogAsync(CancellationToken cancellation) =>
        await LogPublisher.PublishAsync(_core, cancellation);
}

/// <summary>A signed state of the account's log.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Root">Merkle root over them (RFC 6962), lower-case hex.</param>
/// <param name="Note">The checkpoint as it lies in the store: a C2SP signed note.</param>
public sealed record LogCheckpoint(long Size, string Root, byte[] Note);
