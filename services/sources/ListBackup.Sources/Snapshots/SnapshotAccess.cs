using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Opens what people read: the vault of their source, a snapshot, a stream of it. Refuses with what was not found.</summary>
public sealed class SnapshotAccess(RunStore runs, AccountVaults vaults)
{
    public async Task<BackupVault> VaultAsync(AccountId account, SourceId source, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(account, source, cancellation);
        return await vaults.OpenAsync(account, cancellation);
    }

    public async Task<SnapshotReader> OpenAsync(AccountId account, SourceId source, long seq, CancellationToken cancellation)
    {
        var vault = await VaultAsync(account, source, cancellation);
        try
        {
            return await vault.OpenSnapshotAsync(source.ToString(), seq, cancellation);
        }
        catch (VaultException exception) when (exception is VaultNotFoundException or SnapshotExpiredException)
        {
            throw NotFound(seq);
        }
    }

    public async Task<SnapshotReader> OpenAsync(AccountId account, SourceId source, long seq, string stream, CancellationToken cancellation)
    {
        var reader = await OpenAsync(account, source, seq, cancellation);
        if (reader.Snapshot.Streams.All(s => s.Stream != stream)) throw Problem.NotFound($"Stream {stream} in snapshot {seq}");
        return reader;
    }

    private static Problem NotFound(long seq) => Problem.NotFound($"Snapshot {seq}");
}
