using System.Security.Cryptography;
using ListBackup.Vault.Keys;
using ZstdSharp;

namespace ListBackup.Vault.Format;

/// <summary>
/// <c>d/{source}/{stream}/{hash}.dict</c>: strings that many records of a stream share, which zstd looks up when it compresses small blocks (vault-format.md,
/// "Dictionaries"). Immutable.
/// </summary>
internal sealed class CompressionDictionary
{
    /// <summary>Most bytes of a dictionary's object; what a reader must be ready for.</summary>
    public const int ObjectBytesMax = 1024 * 1024;

    // Made once, and read in every run and with every record that is looked up.
    private const int PackingLevel = 19;

    private const string Purpose = "dictionary";

    private CompressionDictionary(string hash, byte[] content, byte[] box) => (Hash, Content, Object) = (hash, content, box);

    /// <summary>Its name in tables: the first 32 hex digits of its object's SHA-256.</summary>
    public string Hash { get; }

    /// <summary>What zstd is given.</summary>
    public byte[] Content { get; }

    /// <summary>Its object, as it lies in the store.</summary>
    public byte[] Object { get; }

    /// <summary>Seals a dictionary into its object.</summary>
    public static CompressionDictionary Create(byte[] content, VaultSecrets secrets)
    {
        using var compressor = new Compressor(PackingLevel);
        var box = Sealed.Write(secrets.DictionaryKey, Purpose, compressor.Wrap(content));
        return new CompressionDictionary(HashOf(box), content, box);
    }

    /// <exception cref="VaultDamagedException">It is another object than the hash says, or does not open.</exception>
    public static CompressionDictionary Read(byte[] box, string hash, VaultSecrets secrets, string name)
    {
        if (box.Length > ObjectBytesMax || HashOf(box) != hash) throw new VaultDamagedException(name, 0, "The dictionary's hash does not fit.");
        try
        {
            return new CompressionDictionary(hash, Unpack(Sealed.Read(secrets.DictionaryKey, Purpose, box)), box);
        }
        catch (Exception exception) when (exception is CryptographicException or ZstdException or InvalidDataException)
        {
            throw new VaultDamagedException(name, 0, "The dictionary does not open.", exception);
        }
    }

    /// <summary>What was sealed: a zstd frame, or, by earlier builds, the content itself, which begins with a zero byte.</summary>
    private static byte[] Unpack(byte[] plain)
    {
        if (!plain.AsSpan().StartsWith(FrameMagic)) return plain;
        if (Decompressor.GetDecompressedSize(plain) > ObjectBytesMax) throw new InvalidDataException("The frame claims more than a dictionary may hold.");
        using var decompressor = new Decompressor();
        return decompressor.Unwrap(plain).ToArray();
    }

    private static ReadOnlySpan<byte> FrameMagic => [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>The name of the dictionary in an object.</summary>
    public static string HashOf(byte[] box) => Convert.ToHexStringLower(SHA256.HashData(box).AsSpan(0, 16));
}
