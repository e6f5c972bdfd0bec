using System.Security.Cryptography;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Format;

/// <summary>
/// <c>d/{source}/{stream}/{hash}.dict</c>: strings that many records of a stream share, which zstd looks up when it compresses small blocks (vault-format.md,
/// "Dictionaries"). Immutable.
/// </summary>
internal sealed class CompressionDictionary
{
    /// <summary>Most bytes of a dictionary's object; what a reader must be ready for.</summary>
    public const int ObjectBytesMax = 1024 * 1024;

    private const string Purpose = "dictionary";

    private CompressionDictionary(string hash, byte[] content) => (Hash, Content) = (hash, content);

    /// <summary>Its name in tables: the first 32 hex digits of its object's SHA-256.</summary>
    public string Hash { get; }

    /// <summary>What zstd is given.</summary>
    public byte[] Content { get; }

    /// <summary>Seals a dictionary into its object.</summary>
    public static (CompressionDictionary Dictionary, byte[] Object) Create(byte[] content, VaultSecrets secrets)
    {
        var box = Sealed.Write(secrets.DictionaryKey, Purpose, content);
        return (new CompressionDictionary(HashOf(box), content), box);
    }

    /// <exception cref="VaultDamagedException">It is another object than the hash says, or does not open.</exception>
    public static CompressionDictionary Read(byte[] box, string hash, VaultSecrets secrets, string name)
    {
        if (box.Length > ObjectBytesMax || HashOf(box) != hash) throw new VaultDamagedException(name, 0, "The dictionary's hash does not fit.");
        try
        {
            return new CompressionDictionary(hash, Sealed.Read(secrets.DictionaryKey, Purpose, box));
        }
        catch (CryptographicException exception)
        {
            throw new VaultDamagedException(name, 0, "The dictionary does not open.", exception);
        }
    }

    private static string HashOf(byte[] box) => Convert.ToHexStringLower(SHA256.HashData(box).AsSpan(0, 16));
}
