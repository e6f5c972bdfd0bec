using System.Security.Cryptography;
using ListBackup.Domain;
using Microsoft.IdentityModel.Tokens;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// The issuer's ES256 keys. A new one takes over every 30 days; the old ones stay published until every token that they signed has long expired.
/// Private keys lie in the store wrapped by the root key.
/// </summary>
internal sealed class SigningKeys(IItemStore items, IKeys keys, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan RotateAfter = TimeSpan.FromDays(30);
    // Longer than any access token lives, with room for caches of the key set.
    private static readonly TimeSpan PublishedAfter = TimeSpan.FromDays(2);
    // A key that another process made is seen after this at the latest.
    private static readonly TimeSpan CachedFor = TimeSpan.FromMinutes(5);
    // So that tokens with made-up key ids do not make us read all the time.
    private static readonly TimeSpan ReloadPause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private KeySet? _keys;

    /// <summary>Newest first; the newest one signs.</summary>
    public async Task<IReadOnlyList<ECDsaSecurityKey>> GetAsync(CancellationToken cancellation) => (await LoadedAsync(cancellation)).Keys;

    /// <summary>A token named a key that is not known here: look again soon.</summary>
    public void Forget()
    {
        if (_keys is { } known && clock.GetUtcNow() - known.LoadedAt > ReloadPause) _keys = null;
    }

    public void Dispose() => _loading.Dispose();

    private async Task<KeySet> LoadedAsync(CancellationToken cancellation)
    {
        if (IsFresh(_keys) is { } fresh) return fresh;
        await _loading.WaitAsync(cancellation);
        try
        {
            return IsFresh(_keys) ?? (_keys = await LoadAsync(cancellation));
        }
        finally
        {
            _loading.Release();
        }
    }

    private KeySet? IsFresh(KeySet? known) => known is not null && clock.GetUtcNow() < known.FreshUntil ? known : null;

    private async Task<KeySet> LoadAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var stored = await StoredAsync(cancellation);
        if (stored.Count == 0 || now - stored[0].CreatedAt >= RotateAfter) stored.Insert(0, await MakeAsync(now, cancellation));

        var loaded = new List<ECDsaSecurityKey>();
        foreach (var key in stored) loaded.Add(await OpenAsync(key, cancellation));
        var rotation = stored[0].CreatedAt + RotateAfter;
        return new(loaded, now, rotation < now + CachedFor ? rotation : now + CachedFor);
    }

    private async Task<List<SigningKeyItem>> StoredAsync(CancellationToken cancellation)
    {
        var found = new List<SigningKeyItem>();
        var query = new ItemQuery { Table = Table.Users, Partition = IdentityKeys.IssuerPartition, SortPrefix = "KEY#" };
        await foreach (var item in items.AllAsync(query, cancellation)) found.Add(ItemJson.Read(item, IdentityJson.Default.SigningKeyItem).Value);
        return [.. found.OrderByDescending(k => k.CreatedAt).ThenByDescending(k => k.Kid, StringComparer.Ordinal)];
    }

    private async Task<SigningKeyItem> MakeAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = pair.ExportParameters(includePrivateParameters: true);
        // Exported with the private part and on a named curve, none of these is null.
        var (x, y, d) = (parameters.Q.X!, parameters.Q.Y!, parameters.D!);
        var kid = Base64UrlEncoder.Encode(SHA256.HashData([.. x, .. y]).AsSpan(0, 12).ToArray());
        var wrapped = await keys.WrapAsync(d, Context(kid), cancellation);
        CryptographicOperations.ZeroMemory(d);
        var item = new SigningKeyItem(kid, x, y, wrapped, now);
        await items.PutAsync(
            ItemJson.Item(IdentityKeys.SigningKey(kid), item, IdentityJson.Default.SigningKeyItem, expiresAt: now + RotateAfter + PublishedAfter), Condition.Absent, cancellation);
        return item;
    }

    private async Task<ECDsaSecurityKey> OpenAsync(SigningKeyItem item, CancellationToken cancellation)
    {
        var d = await keys.UnwrapAsync(item.Wrapped, Context(item.Kid), cancellation);
        var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = item.X, Y = item.Y }, D = d });
        CryptographicOperations.ZeroMemory(d);
        return new(pair) { KeyId = item.Kid };
    }

    private static KeyContext Context(string kid) => new("issuer", kid);

    private sealed record KeySet(IReadOnlyList<ECDsaSecurityKey> Keys, DateTimeOffset LoadedAt, DateTimeOffset FreshUntil);
}
