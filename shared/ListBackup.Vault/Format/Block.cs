using System.Security.Cryptography;
using System.Text.Json;
using ZstdSharp;

namespace ListBackup.Vault.Format;

/// <summary>
/// One group's lines in a section: a zstd frame in AES-256-GCM (vault-format.md, "Blocks"). Holds the compressor's working memory; not safe
/// for concurrent use.
/// </summary>
/// <remarks>The GCM nonce is all zero: the block key is HKDF(group key, salt = random section id), and a section has one block per group.</remarks>
internal sealed class BlockWriter : IDisposable
{
    private readonly Compressor _compressor;
    private byte[] _frame = [];

    /// <param name="compressionLevel">Of zstd.</param>
    /// <param name="dictionary">What the blocks' table is going to name; null: none.</param>
    public BlockWriter(int compressionLevel, CompressionDictionary? dictionary = null)
    {
        _compressor = new Compressor(compressionLevel);
        if (dictionary is not null) _compressor.LoadDictionary(dictionary.Content);
    }

    /// <summary>Appends ciphertext and tag of the lines to the output.</summary>
    public (int Length, string Sha256) Write(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId, BlockBuffer output)
    {
        if (lines.Length > Block.PlainBytesMax) throw new VaultException($"A block of {lines.Length} bytes exceeds the format's limit of {Block.PlainBytesMax}.");
        if (_frame.Length < Compressor.GetCompressBound(lines.Length)) _frame = new byte[Compressor.GetCompressBound(lines.Length)];
        var frame = _frame.AsSpan(0, _compressor.Wrap(lines, _frame));
        var length = frame.Length + Gcm.TagByteCount;
        var block = output.Reserve(length)[..length];
        Gcm.Encrypt(Block.KeyOf(groupKey, sectionId), frame, block);
        output.Advance(length);
        return (length, Convert.ToHexStringLower(SHA256.HashData(block)));
    }

    public void Dispose() => _compressor.Dispose();
}

/// <summary>Opens blocks. Not safe for concurrent use.</summary>
internal sealed class BlockReader : IDisposable
{
    private byte[] _frame = [];
    private byte[] _passing = [];

    // Sections with and without a dictionary are read side by side, block by block.
    private readonly Dictionary<string, Decompressor> _decompressors = new(StringComparer.Ordinal);

    /// <summary>The lines of a block.</summary>
    /// <exception cref="VaultDamagedException">A hash, the tag, the frame or a limit does not hold.</exception>
    public byte[] Read(
        ReadOnlySpan<byte> block, BlockEntry entry, ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId, string objectName, CompressionDictionary? dictionary = null)
    {
        byte[] lines = [];
        Read(block, entry, groupKey, sectionId, objectName, dictionary, size => lines = GC.AllocateUninitializedArray<byte>(size));
        return lines;
    }

    /// <summary>As the other, in memory that the next call uses again: for who keeps nothing of it. A large block then costs no large array.</summary>
    public ReadOnlyMemory<byte> ReadPassing(
        ReadOnlySpan<byte> block, BlockEntry entry, ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId, string objectName, CompressionDictionary? dictionary = null)
    {
        var length = Read(block, entry, groupKey, sectionId, objectName, dictionary, size => RoomIn(ref _passing, size));
        return _passing.AsMemory(0, length);
    }

    public void Dispose()
    {
        foreach (var decompressor in _decompressors.Values) decompressor.Dispose();
    }

    private Decompressor DecompressorOf(CompressionDictionary? dictionary)
    {
        var hash = dictionary?.Hash ?? "";
        if (_decompressors.TryGetValue(hash, out var known)) return known;
        _decompressors[hash] = known = new Decompressor();
        if (dictionary is not null) known.LoadDictionary(dictionary.Content);
        return known;
    }

    private int Read(
        ReadOnlySpan<byte> block, BlockEntry entry, ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId, string objectName, CompressionDictionary? dictionary, Func<int, byte[]> room)
    {
        if (block.Length < Gcm.TagByteCount || block.Length != entry.Length || !Block.IsHash(entry.Sha256, block))
            throw new VaultDamagedException(objectName, entry.Offset, "The block's hash does not fit.");
        try
        {
            var frame = RoomIn(ref _frame, block.Length - Gcm.TagByteCount).AsSpan(0, block.Length - Gcm.TagByteCount);
            Gcm.Decrypt(Block.KeyOf(groupKey, sectionId), block, frame);
            return Decompress(frame, DecompressorOf(dictionary), room);
        }
        catch (Exception exception) when (exception is CryptographicException or ZstdException or InvalidDataException)
        {
            throw new VaultDamagedException(objectName, entry.Offset, "The block does not open.", exception);
        }
    }

    private static int Decompress(ReadOnlySpan<byte> frame, Decompressor decompressor, Func<int, byte[]> room)
    {
        var size = Decompressor.GetDecompressedSize(frame);
        if (size > Block.PlainBytesMax) throw new InvalidDataException("The frame claims more than a block may hold.");
        var length = (int)size;
        if (decompressor.Unwrap(frame, room(length).AsSpan(0, length)) != length) throw new InvalidDataException("The frame holds another size than it claims.");
        return length;
    }

    private static byte[] RoomIn(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Min(buffer.Length * 2, Block.PlainBytesMax)));
        return buffer;
    }
}

/// <summary>What both directions of a block share.</summary>
internal static class Block
{
    /// <summary>Most bytes of lines in one block; what a reader must be ready for.</summary>
    public const int PlainBytesMax = 256 * 1024 * 1024;

    public static byte[] KeyOf(ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId) => Kdf.DeriveSalted(groupKey, sectionId, "block");

    /// <summary>Whether the block's tag is one of this key.</summary>
    public static bool IsSealedUnder(ReadOnlySpan<byte> groupKey, ReadOnlySpan<byte> sectionId, ReadOnlySpan<byte> block)
    {
        try
        {
            if (block.Length < Gcm.TagByteCount) return false;
            Gcm.Decrypt(KeyOf(groupKey, sectionId), block, new byte[block.Length - Gcm.TagByteCount]);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether that is the hash of the bytes: whole, or its first half, as pages of a footer have it.</summary>
    public static bool IsHash(string hash, ReadOnlySpan<byte> bytes) =>
        hash.Length is SHA256.HashSizeInBytes or (SHA256.HashSizeInBytes * 2) && Convert.ToHexStringLower(SHA256.HashData(bytes)).StartsWith(hash, StringComparison.Ordinal);

    /// <summary>The lines of a block, in order.</summary>
    /// <exception cref="VaultDamagedException">One is malformed.</exception>
    public static IEnumerable<RecordLine> LinesOf(ReadOnlyMemory<byte> lines, BlockEntry entry, string objectName) => LinesOf(lines, entry, objectName, wanted: null);

    /// <summary>Those of the lines that have a wanted key. The others are hardly looked at, so whether they are well formed is not said.</summary>
    /// <exception cref="VaultDamagedException">A wanted one is malformed.</exception>
    public static IEnumerable<RecordLine> LinesOf(ReadOnlyMemory<byte> lines, BlockEntry entry, string objectName, WantedKeys? wanted)
    {
        var rows = 0;
        for (var start = 0; start < lines.Length;)
        {
            var length = lines.Span[start..].IndexOf((byte)'\n');
            if (length < 0) throw new VaultDamagedException(objectName, entry.Offset, "The last line of the block does not end.");
            var line = lines.Slice(start, length);
            if (wanted?.MayHave(line.Span) != false && ReadLine(line, entry, objectName) is var read && wanted?.Has(read.Key) != false) yield return read;
            start += length + 1;
            rows++;
        }

        if (rows != entry.Rows) throw new VaultDamagedException(objectName, entry.Offset, $"The block has {rows} lines; its entry says {entry.Rows}.");
    }

    private static RecordLine ReadLine(ReadOnlyMemory<byte> line, BlockEntry entry, string objectName)
    {
        try
        {
            return RecordLine.Read(line);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new VaultDamagedException(objectName, entry.Offset, "A line of the block is malformed.", exception);
        }
    }
}
