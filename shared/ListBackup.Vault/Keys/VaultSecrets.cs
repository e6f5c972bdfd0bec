using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>Everything that follows from the vault's secret (vault-format.md, "Keys"). Lives in memory only.</summary>
internal sealed class VaultSecrets
{
    public const int SecretByteCount = 32;

    private readonly byte[] _secret;

    public VaultSecrets(string vault, ReadOnlySpan<byte> secret, ECDsa signingKey)
    {
        Vault = vault;
        _secret = secret.ToArray();
        SigningKey = signingKey;
        GroupKeyWrapping = Kdf.Derive(_secret, "group key wrapping");
        Cache = Kdf.Derive(_secret, "cache");
    }

    /// <summary>The vault's random id, 32 hex digits.</summary>
    public string Vault { get; }

    /// <summary>Signs and checks manifests and key files, through <see cref="SignedDocument"/> only.</summary>
    public ECDsa SigningKey { get; }

    public byte[] GroupKeyWrapping { get; }

    /// <summary>Seals what lies under x/.</summary>
    public byte[] Cache { get; }

    public bool IsSameAs(VaultSecrets other) => CryptographicOperations.FixedTimeEquals(_secret, other._secret);

    public StreamSecrets Stream(string source, string stream) => new(
        Kdf.Derive(_secret, "record key", source, stream),
        Kdf.Derive(_secret, "record hash", source, stream));
}

/// <summary>What keys a stream's hashes.</summary>
/// <param name="KeySecret">Key of the HMAC over record keys.</param>
/// <param name="HashSalt">What record hashes begin with.</param>
internal sealed record StreamSecrets(byte[] KeySecret, byte[] HashSalt)
{
    public Hash128 HashKey(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(KeySecret, key, hash);
        return Hash128.Read(hash);
    }

    public Hash128 HashKey(string key) => HashKey(Encoding.UTF8.GetBytes(key));
}
