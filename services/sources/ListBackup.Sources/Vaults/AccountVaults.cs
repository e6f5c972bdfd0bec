using System.Collections.Concurrent;
using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Opens the vault of each account: its bucket under its keys. Open vaults are kept; they hold no connection, only keys.</summary>
public sealed class AccountVaults(IObjectStores stores, AccountKeyrings keyrings, TimeProvider clock) : IAccountKeysListener
{
    // An open vault is some kilobytes; beyond this a process serves unusually many accounts and starts over.
    private const int OpenMax = 1000;
    private readonly ConcurrentDictionary<AccountId, Task<BackupVault>> _open = [];

    /// <summary>The bucket of an account. Bucket names have no underscore, ids have one.</summary>
    public static string BucketOf(AccountId account) => $"listbackup-{account.ToString().Replace('_', '-')}";

    /// <summary>The account's vault, made when there is none.</summary>
    public async Task<BackupVault> OpenAsync(AccountId account, CancellationToken cancellation)
    {
        if (_open.Count > OpenMax) _open.Clear();
        // Not bound to the first asker's cancellation: others wait for the same opening.
        var opening = _open.GetOrAdd(account, id => MakeAsync(id, CancellationToken.None));
        try
        {
            return await opening.WaitAsync(cancellation);
        }
        catch when (opening.IsFaulted)
        {
            _open.TryRemove(KeyValuePair.Create(account, opening)); // The next asker tries again.
            throw;
        }
    }

    /// <summary>The account is no more.</summary>
    public void Forget(AccountId account) => _open.TryRemove(account, out _);

    private async Task<BackupVault> MakeAsync(AccountId account, CancellationToken cancellation)
    {
        var keyring = await keyrings.GetOrCreateAsync(account, cancellation);
        var recovery = keyring.Recovery?.PublicKeyPem;
        var vault = await BackupVault.CreateAsync(stores.Bucket(BucketOf(account)), new KeyringKeys(account, keyrings), recovery, new VaultOptions { Clock = clock }, cancellation);
        // Where the keys were changed in another process, nobody told this one.
        await vault.RewrapAsync(recovery, cancellation);
        return vault;
    }

    /// <summary>The account key was rotated, or the recovery key changed: the vault's secret is wrapped anew before the change is answered.</summary>
    public async Task KeysChangedAsync(AccountId account, CancellationToken cancellation)
    {
        var vault = await OpenAsync(account, cancellation);
        await vault.RewrapAsync((await keyrings.GetOrCreateAsync(account, cancellation)).Recovery?.PublicKeyPem, cancellation);
    }

    /// <summary>An account's keyring as the vault sees it.</summary>
    private sealed class KeyringKeys(AccountId account, AccountKeyrings keyrings) : IVaultKeys
    {
        public async ValueTask<AccountKey> GetCurrentAsync(CancellationToken cancellation)
        {
            var keyring = await keyrings.GetOrCreateAsync(account, cancellation);
            return await FindAsync(keyring.Current, cancellation) ?? throw new InvalidDataException($"The keyring of {account} lacks its current key.");
        }

        public async ValueTask<AccountKey?> FindAsync(string id, CancellationToken cancellation)
        {
            if (await keyrings.UnwrapAsync(account, id, cancellation) is not { } plain) return null;
            try
            {
                return new(id, plain);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(plain);
            }
        }
    }
}
