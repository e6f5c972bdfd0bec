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
}

/// <summary>One version of an account's 256-bit key, wrapped by the root under <see cref="AccountKeyrings.Context"/>.</summary>
public sealed record WrappedAccountKey(string Id, byte[] Wrapped, DateTimeOffset CreatedAt);

/// <summary>Keeps the keyring of every account. The first use of an account makes its first key.</summary>
public sealed class AccountKeyrings(IItemStore items, IKeys keys, TimeProvider clock)
{
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

    public async Task<AccountKeyring?> FindAsync(AccountId account, CancellationToken cancellation) =>
        (await items.FindAsync(Key(account), AccountKeyJson.Default.AccountKeyring, cancellation))?.Value;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountKeyring))]
public sealed partial class AccountKeyJson : JsonSerializerContext;
