using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>Everything that follows from the vault's secret (vault-format.md, "Keys"). Lives in memory only.</summary>
internal sealed class VaultSecrets
{
    public const int SecretByteCount = 32;

    private readonly byte[] _secret;
    private readonly byte[] _identifierKey;
    private readonly byte[] _attachmentNameKey;

    public VaultSecrets(string vault, ReadOnlySpan<byte> secret, ECDsa signingKey)
    {
        Vault = vault;
        _secret = secret.ToArray();
        SigningKey = signingKey;
        GroupKeyWrapping = Kdf.Derive(_secret, "group key wrapping");
        Cache = Kdf.Derive(_secret, "cache");
        _attachmentNameKey = Kdf.Derive(_secret, "attachment name");
        _identifierKey = Kdf.Derive(_secret, "erased identifier");
    }

    /// <summary>The vault's random id, 32 hex digits.</summary>
    public string Vault { get; }

    /// <summary>Signs and checks manifests and key files, through <see cref="SignedDocument"/> only.</summary>
    public ECDsa SigningKey { get; }

    public byte[] GroupKeyWrapping { get; }

    /// <summary>Seals what lies under x/.</summary>
    public byte[] Cache { get; }

    /// <summary>Opens dictionaries.</summary>
    public byte[] DictionaryKey => Kdf.Derive(_secret, "dictionary");

    /// <summary>HMAC of what a person is known by, hex: the same for every spelling that differs in case, surrounding space or composition only.</summary>
    public string HashIdentifier(string identifier)
    {
        var normal = identifier.Trim().Normalize(NormalizationForm.FormC).ToLowerInvariant();
        return Hash128.Read(HMACSHA256.HashData(_identifierKey, Encoding.UTF8.GetBytes(normal))).ToString();
    }

    /// <summary>Name of the attachment with a content of this SHA-256 (hex).</summary>
    /// <param name="sha256">Of the content.</param>
    /// <param name="generation">How many names of this content were given up before.</param>
    public string AttachmentName(string sha256, int generation) =>
        Hash128.Read(HMACSHA256.HashData(_attachmentNameKey, Encoding.ASCII.GetBytes(generation == 0 ? sha256 : $"{sha256} {generation}"))).ToString();

    /// <summary>Key of that attachment: whoever does not know the content's hash cannot derive it.</summary>
    public byte[] AttachmentKey(string sha256) => Kdf.DeriveSalted(_secret, Convert.FromHexString(sha256), "attachment");

    public bool IsSameAs(VaultSecrets other) => CryptographicOperations.FixedTimeEquals(_secret, other._secret);

    public StreamSecrets Stream(string source, string stream) => new(
        Kdf.Derive(_secret, "record key", source, stream),
        Kdf.Derive(_secret, "record hash", source, stream));
}

/// <summary>What keys a stream's hashes. Safe for concurrent use.</summary>
/// <param name="keySecret">Key of the HMAC over record keys.</param>
/// <param name="hashSalt">What record hashes begin with.</param>
#pragma warning disable CA1001 // The hash holds memory only, and lives as long as what it hashes for.
internal sealed class StreamSecrets(byte[] keySecret, byte[] hashSalt)
{
    // It remembers the hash of the padded key, so it takes half the time of the one-shot; a stream's keys are hashed by the million. Holds no more than memory.
    private readonly HMACSHA256 _hmac = new(keySecret);
    private readonly Lock _using = new();

    public byte[] HashSalt { get; } = hashSalt;

    public Hash128 HashKey(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        lock (_using)
        {
            if (!_hmac.TryComputeHash(key, hash, out _)) throw new UnreachableException("There is room for the hash.");
        }

        return Hash128.Read(hash);
    }

    public Hash128 HashKey(string key)
    {
        Span<byte> bytes = stackalloc byte[ShortKeyBytes];
        return Encoding.UTF8.TryGetBytes(key, bytes, out var length) ? HashKey(bytes[..length]) : HashKey(Encoding.UTF8.GetBytes(key));
    }

    private const int ShortKeyBytes = 256;
}
