using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ListBackup.Vault.Format;

/// <summary>
/// A sealed box: random 16-byte salt, AES-256-GCM ciphertext, 16-byte tag (vault-format.md, "Sealed boxes").
/// </summary>
/// <remarks>The nonce is all zero. It is unique because the key is: HKDF of the outer key and the box's own random salt, used for this box only.</remarks>
internal static class Sealed
{
    public const int SaltByteCount = 16;
    public const int OverheadByteCount = SaltByteCount + Gcm.TagByteCount;

    public static byte[] Write(ReadOnlySpan<byte> key, string purpose, ReadOnlySpan<byte> plain)
    {
        var box = new byte[plain.Length + OverheadByteCount];
        plain.CopyTo(box.AsSpan(SaltByteCount));
        Close(key, purpose, box);
        return box;
    }

    /// <summary>Seals in place: the plain bytes lie in the box already, between room for the salt and room for the tag.</summary>
    public static void Close(ReadOnlySpan<byte> key, string purpose, Span<byte> box)
    {
        RandomNumberGenerator.Fill(box[..SaltByteCount]);
        Gcm.Encrypt(Kdf.DeriveSalted(key, box[..SaltByteCount], purpose), box[SaltByteCount..^Gcm.TagByteCount], box[SaltByteCount..]);
    }

    /// <summary>Opens in place; returns where the plain bytes are.</summary>
    /// <exception cref="CryptographicException">Another key, another purpose, or damage.</exception>
    public static Memory<byte> Open(ReadOnlySpan<byte> key, string purpose, Memory<byte> box)
    {
        if (box.Length < OverheadByteCount) throw new CryptographicException("The box is shorter than an empty one.");
        var plain = box[SaltByteCount..^Gcm.TagByteCount];
        Gcm.Decrypt(Kdf.DeriveSalted(key, box.Span[..SaltByteCount], purpose), box.Span[SaltByteCount..], plain.Span);
        return plain;
    }

    /// <summary>Opens a box.</summary>
    /// <exception cref="CryptographicException">Another key, another purpose, or damage.</exception>
    public static byte[] Read(ReadOnlySpan<byte> key, string purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < OverheadByteCount) throw new CryptographicException("The box is shorter than an empty one.");
        var plain = new byte[box.Length - OverheadByteCount];
        Gcm.Decrypt(Kdf.DeriveSalted(key, box[..SaltByteCount], purpose), box[SaltByteCount..], plain);
        return plain;
    }

    /// <summary>
    /// Some bytes of a box without the others: AES-256-GCM is AES-256-CTR from counter block 2. Nothing has checked them, so they may serve only for what checks them itself.
    /// </summary>
    /// <param name="key">The outer key.</param>
    /// <param name="purpose">Of the box.</param>
    /// <param name="salt">The box's first bytes.</param>
    /// <param name="offset">Where the bytes begin in the plain text; a multiple of 16.</param>
    /// <param name="ciphertext">What lies there.</param>
    public static byte[] ReadUnchecked(ReadOnlySpan<byte> key, string purpose, ReadOnlySpan<byte> salt, int offset, ReadOnlySpan<byte> ciphertext)
    {
        const int block = 16;
        using var aes = Aes.Create();
        aes.Key = Kdf.DeriveSalted(key, salt, purpose);
        var plain = new byte[(ciphertext.Length + block - 1) / block * block];
        for (var i = 0; i < plain.Length; i += block) BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(i + 12), 2 + ((offset + i) / block));
        plain = aes.EncryptEcb(plain, PaddingMode.None);
        for (var i = 0; i < ciphertext.Length; i++) plain[i] ^= ciphertext[i];
        return plain[..ciphertext.Length];
    }
}

/// <summary>AES-256-GCM under a key that is used once: zero nonce, ciphertext then tag. Whoever calls it says why its key is fresh.</summary>
internal static class Gcm
{
    public const int TagByteCount = 16;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static void Encrypt(ReadOnlySpan<byte> freshKey, ReadOnlySpan<byte> plain, Span<byte> ciphertextAndTag)
    {
        using var aes = new AesGcm(freshKey, TagByteCount);
        aes.Encrypt(ZeroNonce, plain, ciphertextAndTag[..plain.Length], ciphertextAndTag.Slice(plain.Length, TagByteCount));
    }

    /// <exception cref="CryptographicException">The tag does not fit.</exception>
    public static void Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        using var aes = new AesGcm(key, TagByteCount);
        aes.Decrypt(ZeroNonce, ciphertextAndTag[..plain.Length], ciphertextAndTag.Slice(plain.Length, TagByteCount), plain);
    }
}
