using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>
/// An account's keys in their wrapped form, <c>ACC#id / KEY</c>. The current one wraps what is new; earlier ones stay until nothing is wrapped by
/// them any more.
/// </summary>
public sealed record AccountKeyring
{
    /// <summary>Id of the key that new wrappings use; one of <see cref="Keys"/>.</summary>
    public required string Current { get; init; }

    public required IReadOnlyList<WrappedAccountKey> Keys { get; init; }

    /// <summary>The customer's own way back to their backups; null when they have none.</summary>
    public RecoveryKey? Recovery { get; init; }
}

/// <summary>The public half of the customer's RSA recovery key in PEM; the private half is theirs and never ours. See docs/vault-format.md.</summary>
public sealed record RecoveryKey(string PublicKeyPem, string Sha256, DateTimeOffset Since);

/// <summary>Told after an account's keyring changed: services wrap again what they keep under it. Safe to repeat.</summary>
public interface IAccountKeysListener
{
    Task KeysChangedAsync(AccountId account, CancellationToken cancellation);
}

/// <summary>One version of an account's 256-bit key, wrapped by the root under <see cref="AccountKeyrings.Context"/>.</summary>
public sealed record WrappedAccountKey(string Id, byte[] Wrapped, DateTimeOffset CreatedAt);

/// <summary>Keeps the keyring of every account. The first use of an account makes its first key.</summary>
public sealed class AccountKeyrings(IItemStore items, IKeys keys, TimeProvider clock)
{
    // A key a month for eight years; each is kept, so there must be an end.
    private const int KeysMax = 100;

    public static ItemKey Key(AccountId account) => new(Table.Accounts, AccountKeys.Partition(account), "KEY");

    /// <summary>What an account key's wrapping is bound to.</summary>
    public static KeyContext Context(AccountId account) => new("account", account.ToString());

    /// <summary>The account's keyring, made now when there is none. Of several first users one wins, and all see its key.</summary>
    public async Task<AccountKeyring> GetOrCreateAsync(AccountId account, CancellationToken cancellation)
    {
        if (await FindAsync(account, cancellation) is { } found) return found;
        var generated = await keys.GenerateAsync(Context(account), cancellation);
        CryptographicOperations.ZeroMemory(generated.Plain);
        var keyring = new AccountKeyring { Current = "k1", Keys = [new("k1", generated.Wrapped, clock.GetUtcNow())] };
        try
        {
            await items.PutAsync(ItemJson.Item(Key(account), keyring, AccountKeyJson.Default.AccountKeyring), Condition.Absent, cancellation);
            return keyring;
        }
        catch (ConditionFailedException lost)
        {
            return await FindAsync(account, cancellation) ?? throw new InvalidOperationException($"The keyring of {account} vanished while it was read.", lost);
        }
    }

    /// <summary>The 32 bytes of a key by its id; null when the keyring has no such key. The caller clears them.</summary>
    public async Task<byte[]?> UnwrapAsync(AccountId account, string keyId, CancellationToken cancellation) =>
        await FindAsync(account, cancellation) is { } keyring && keyring.Keys.FirstOrDefault(k => k.Id == keyId) is { } wrapped
            ? await keys.UnwrapAsync(wrapped.Wrapped, Context(account), cancellation)
            : null;

    /// <summary>Makes a new key the current one. The earlier ones stay, for what they have wrapped.</summary>
    /// <exception cref="Problem">Conflict <c>too-many-keys</c>.</exception>
    public async Task<AccountKeyring> RotateAsync(AccountId account, CancellationToken cancellation)
    {
        await GetOrCreateAsync(account, cancellation);
        var generated = await keys.GenerateAsync(Context(account), cancellation);
        CryptographicOperations.ZeroMemory(generated.Plain);
        return await ChangeAsync(account, keyring =>
        {
            if (keyring.Keys.Count >= KeysMax) throw Problem.Conflict($"The account has {KeysMax} keys; more rotations are not kept.", "too-many-keys");
            var id = $"k{keyring.Keys.Count + 1}";
            return keyring with { Current = id, Keys = [.. keyring.Keys, new(id, generated.Wrapped, clock.GetUtcNow())] };
        }, cancellation);
    }

    /// <summary>Sets the recovery key, or takes it away with null.</summary>
    public async Task<AccountKeyring> SetRecoveryAsync(AccountId account, RecoveryKey? recovery, CancellationToken cancellation)
    {
        await GetOrCreateAsync(account, cancellation);
        return await ChangeAsync(account, keyring => keyring with { Recovery = recovery }, cancellation);
    }

    private async Task<AccountKeyring> ChangeAsync(AccountId account, Func<AccountKeyring, AccountKeyring> change, CancellationToken cancellation) =>
        (await items.UpdateAsync(Key(account), AccountKeyJson.Default.AccountKeyring, change, cancellation))?.Value
            ?? throw new InvalidOperationException($"The keyring of {account} vanished while it was changed.");

    public async Task<AccountKeyring?> FindAsync(AccountId account, CancellationToken cancellation) =>
        (await items.FindAsync(Key(account), AccountKeyJson.Default.AccountKeyring, cancellation))?.Value;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountKeyring))]
public sealed partial class AccountKeyJson : JsonSerializerContext;
