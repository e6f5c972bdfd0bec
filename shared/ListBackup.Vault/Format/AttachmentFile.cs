using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ListBackup.Vault.Format;

/// <summary>
/// An attachment object (vault-format.md, "Attachments"): magic, then chunks of 1 MiB, each AES-256-GCM under the attachment's key.
/// </summary>
/// <remarks>
/// The key follows from the content, so under one key there is one content only, cut in one way: a nonce (number of the chunk, and whether it
/// is the last) never meets two plaintexts. Writers that race put the same bytes.
/// </remarks>
internal static class AttachmentFile
{
    public const int ChunkBytes = 1024 * 1024;
    private const int NonceBytes = 12;

    public static ReadOnlySpan<byte> Magic => "LBATT01\n"u8;

    /// <summary>Size of the object that holds a content of this size.</summary>
    public static long StoredSize(long size) => Magic.Length + size + (Math.Max(1, (size + ChunkBytes - 1) / ChunkBytes) * Gcm.TagByteCount);

    /// <summary>The object's bytes.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> EncryptAsync(Stream plain, byte[] key, ContentSum? sum, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Magic.ToArray();
        using var aes = new AesGcm(key, Gcm.TagByteCount);
        var (current, next, output) = (new byte[ChunkBytes], new byte[ChunkBytes], new byte[ChunkBytes + Gcm.TagByteCount]);
        var length = await plain.ReadAtLeastAsync(current, ChunkBytes, throwOnEndOfStream: false, cancellation);
        for (var number = 0L; ; number++)
        {
            // Whether a chunk is the last shows behind it.
            var nextLength = length < ChunkBytes ? 0 : await plain.ReadAtLeastAsync(next, ChunkBytes, throwOnEndOfStream: false, cancellation);
            sum?.Append(current.AsSpan(0, length));
            aes.Encrypt(NonceOf(number, nextLength == 0), current.AsSpan(0, length), output.AsSpan(0, length), output.AsSpan(length, Gcm.TagByteCount));
            yield return output.AsMemory(0, length + Gcm.TagByteCount);
            if (nextLength == 0) yield break;
            (current, next, length) = (next, current, nextLength);
        }
    }

    /// <summary>The content, chunk by chunk, each authenticated before it is given out; whole only when the enumeration ends.</summary>
    /// <exception cref="VaultDamagedException">Bytes are wrong, missing or too many.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> DecryptAsync(
        Stream stored, byte[] key, long size, string sha256, string objectName, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var box = new byte[ChunkBytes + Gcm.TagByteCount];
        var plain = new byte[ChunkBytes];
        var sum = new ContentSum();
        if (await stored.ReadAtLeastAsync(box.AsMemory(0, Magic.Length), Magic.Length, throwOnEndOfStream: false, cancellation) != Magic.Length || !box.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            throw new VaultDamagedException(objectName, 0, "It is no attachment.");
        using var aes = new AesGcm(key, Gcm.TagByteCount);
        for (var number = 0L; ; number++)
        {
            var left = size - (number * ChunkBytes);
            var (length, isLast) = ((int)Math.Min(left, ChunkBytes), left <= ChunkBytes);
            var offset = Magic.Length + (number * box.Length);
            if (await stored.ReadAtLeastAsync(box.AsMemory(0, length + Gcm.TagByteCount), length + Gcm.TagByteCount, throwOnEndOfStream: false, cancellation) < length + Gcm.TagByteCount)
                throw new VaultDamagedException(objectName, offset, "The attachment ends too early.");
            Open(aes, number, isLast, box, plain.AsSpan(0, length), objectName, offset);
            sum.Append(plain.AsSpan(0, length));
            if (isLast && await stored.ReadAsync(box.AsMemory(0, 1), cancellation) != 0) throw new VaultDamagedException(objectName, StoredSize(size), "The attachment goes on behind its end.");
            if (isLast && sum.Finish() != (size, sha256)) throw new VaultDamagedException(objectName, 0, "The attachment's content is another.");
            yield return plain.AsMemory(0, length);
            if (isLast) yield break;
        }
    }

    private static void Open(AesGcm aes, long number, bool isLast, byte[] box, Span<byte> plain, string objectName, long offset)
    {
        try
        {
            aes.Decrypt(NonceOf(number, isLast), box.AsSpan(0, plain.Length), box.AsSpan(plain.Length, Gcm.TagByteCount), plain);
        }
        catch (CryptographicException exception)
        {
            throw new VaultDamagedException(objectName, offset, "A chunk of the attachment does not open.", exception);
        }
    }

    /// <summary>3 zero bytes, the chunk's number in 8 (big-endian), and 1 for the last chunk or 0.</summary>
    private static byte[] NonceOf(long number, bool isLast)
    {
        var nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(3), number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }
}

/// <summary>Size and SHA-256 of a content that passes by.</summary>
internal sealed class ContentSum
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _size;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _size += bytes.Length;
    }

    /// <summary>The result; ends the sum.</summary>
    public (long Size, string Sha256) Finish()
    {
        using (_hash) return (_size, Convert.ToHexStringLower(_hash.GetHashAndReset()));
    }
}

/// <summary>The attachments in a line, and what they add to its record hash.</summary>
internal static class AttachmentList
{
    /// <summary>The member <c>a</c>: the attachments in the order of their paths.</summary>
    /// <exception cref="ArgumentException">There are too many, or two of one path.</exception>
    public static byte[] Write(IReadOnlyList<Attachment> attachments)
    {
        if (attachments.Count > Attachment.CountMax) throw new ArgumentException($"A record has at most {Attachment.CountMax} attachments.", nameof(attachments));
        if (attachments.DistinctBy(attachment => attachment.Path, StringComparer.Ordinal).Count() != attachments.Count) throw new ArgumentException("Two attachments of a record have one path.", nameof(attachments));
        return JsonSerializer.SerializeToUtf8Bytes(attachments.OrderBy(attachment => attachment.Path, StringComparer.Ordinal).ToArray(), FormatJson.Default.AttachmentArray);
    }

    /// <exception cref="JsonException">It is no such list.</exception>
    public static IReadOnlyList<Attachment> Read(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, FormatJson.Default.AttachmentArray) ?? [];

    /// <summary>The record hash of a record with attachments.</summary>
    public static Hash128 Hash(ReadOnlySpan<byte> salt, Hash128 recordHash, IReadOnlyList<Attachment> attachments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[Hash128.ByteCount];
        recordHash.Write(bytes);
        hash.AppendData(salt);
        hash.AppendData(bytes);
        foreach (var attachment in attachments.OrderBy(attachment => attachment.Path, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{attachment.Path}\0{attachment.Sha256}\0"));
        return Hash128.Read(hash.GetHashAndReset());
    }
}
