using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// The issuer's HMAC key. What is short enough to be guessed offline (mailed codes, recovery codes) is stored under it, and refresh tokens follow each
/// other by it. It lies in the store wrapped by the root key, so a stolen database alone yields none of them.
/// </summary>
internal sealed class IssuerSecret(IItemStore items, IKeys keys) : IDisposable
{
    private static readonly KeyContext Context = new("issuer-secret", "issuer");
    private readonly SemaphoreSlim _once = new(1, 1);
    private byte[]? _key;

    /// <summary>HMAC-SHA256 over the purpose and the parts, each after its length, so that no two lists of parts read the same.</summary>
    public async Task<byte[]> MacAsync(string purpose, CancellationToken cancellation, params string[] parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, await KeyAsync(cancellation));
        foreach (var part in parts.Prepend(purpose))
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hmac.AppendData(Encoding.ASCII.GetBytes($"{bytes.Length}:"));
            hmac.AppendData(bytes);
        }
        return hmac.GetHashAndReset();
    }

    public void Dispose() => _once.Dispose();

    private async Task<byte[]> KeyAsync(CancellationToken cancellation)
    {
        if (_key is { } known) return known;
        await _once.WaitAsync(cancellation);
        try
        {
            return _key ??= await ReadOrMakeAsync(cancellation);
        }
        finally
        {
            _once.Release();
        }
    }

    private async Task<byte[]> ReadOrMakeAsync(CancellationToken cancellation)
    {
        if (await items.FindAsync(IdentityKeys.Secret, IdentityJson.Default.IssuerSecretItem, cancellation) is { } stored)
            return await keys.UnwrapAsync(stored.Value.Wrapped, Context, cancellation);
        var made = await keys.GenerateAsync(Context, cancellation);
        try
        {
            await items.PutAsync(ItemJson.Item(IdentityKeys.Secret, new(made.Wrapped), IdentityJson.Default.IssuerSecretItem), Condition.Absent, cancellation);
            return made.Plain;
        }
        catch (ConditionFailedException)
        {
            return await ReadOrMakeAsync(cancellation);
        }
    }
}
