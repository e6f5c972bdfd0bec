using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>A change that a stream backup found, as a draft carries it.</summary>
internal readonly record struct DraftEntry(Hash128 KeyHash, Hash128? RecordHash, ReadOnlyMemory<byte> Key);

/// <summary>One part of a stream backup's draft: header, changes since the part before, arrivals so far, small sections. Sealed.</summary>
internal sealed record DraftPart(DraftHeader Header, IReadOnlyList<DraftEntry> Entries, KeyMarks Marks, IReadOnlyList<byte[]> InlineSections)
{
    private const string HeaderPurpose = "draft header";
    private const string PayloadPurpose = "draft payload";
    private const int HeaderGuessBytes = 64 * 1024;

    private static ReadOnlySpan<byte> Magic => "LBDRAFT1"u8;

    public byte[] Write(ReadOnlySpan<byte> key)
    {
        var header = Sealed.Write(key, HeaderPurpose, JsonSerializer.SerializeToUtf8Bytes(Header, FormatJson.Default.DraftHeader));
        var payload = Sealed.Write(key, PayloadPurpose, WritePayload());
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        return [.. Magic, .. length, .. header, .. payload];
    }

    /// <summary>A whole part; null when it is damaged or another version's: a cache that cannot be read is as good as none.</summary>
    public static DraftPart? Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key)
    {
        try
        {
            if (!TryReadHeader(bytes, key, out var header, out var length)) return null;
            return ReadPayload(header!, Sealed.Read(key, PayloadPurpose, bytes[(Magic.Length + 4 + length)..]));
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Only the header, without reading a large payload; null as above.</summary>
    public static async Task<DraftHeader?> ReadHeaderAsync(IObjectStore objects, string name, byte[] key, CancellationToken cancellation)
    {
        var bytes = await objects.ReadRangeAsync(name, 0, HeaderGuessBytes, cancellation);
        if (bytes.Length < Magic.Length + 4) return null;
        var needed = Magic.Length + 4 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length));
        if (needed > bytes.Length && bytes.Length == HeaderGuessBytes) bytes = await objects.ReadRangeAsync(name, 0, needed, cancellation);
        try
        {
            return TryReadHeader(bytes, key, out var header, out _) ? header : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out DraftHeader? header, out int length)
    {
        (header, length) = (null, 0);
        if (!bytes.StartsWith(Magic) || bytes.Length < Magic.Length + 4) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes[Magic.Length..]);
        if (length < 0 || bytes.Length < Magic.Length + 4 + length) return false;
        header = JsonSerializer.Deserialize(Sealed.Read(key, HeaderPurpose, bytes.Slice(Magic.Length + 4, length)), FormatJson.Default.DraftHeader);
        return header is not null;
    }

    private byte[] WritePayload()
    {
        using var output = new MemoryStream();
        using var writer = new BinaryWriter(output);
        writer.Write(Entries.Count);
        foreach (var entry in Entries)
        {
            WriteHash(writer, entry.KeyHash);
            writer.Write(entry.RecordHash is not null);
            if (entry.RecordHash is { } hash) WriteHash(writer, hash);
            writer.Write7BitEncodedInt(entry.Key.Length);
            writer.Write(entry.Key.Span);
        }

        Marks.Write(writer);
        writer.Write(InlineSections.Count);
        foreach (var section in InlineSections)
        {
            writer.Write(section.Length);
            writer.Write(section);
        }

        writer.Flush();
        return output.ToArray();
    }

    private static DraftPart ReadPayload(DraftHeader header, byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload, writable: false));
        var entries = new DraftEntry[reader.ReadInt32()];
        for (var i = 0; i < entries.Length; i++)
        {
            var keyHash = ReadHash(reader);
            Hash128? recordHash = reader.ReadBoolean() ? ReadHash(reader) : null;
            entries[i] = new DraftEntry(keyHash, recordHash, reader.ReadBytes(reader.Read7BitEncodedInt()));
        }

        var marks = KeyMarks.Read(reader);
        var sections = new byte[reader.ReadInt32()][];
        for (var i = 0; i < sections.Length; i++) sections[i] = reader.ReadBytes(reader.ReadInt32());
        return new DraftPart(header, entries, marks, sections);
    }

    private static void WriteHash(BinaryWriter writer, Hash128 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash128.ByteCount];
        hash.Write(bytes);
        writer.Write(bytes);
    }

    private static Hash128 ReadHash(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[Hash128.ByteCount];
        reader.BaseStream.ReadExactly(bytes);
        return Hash128.Read(bytes);
    }
}

/// <summary>Which positions of a key index arrived in a run, or stand in the platform's list of ids.</summary>
internal sealed class KeyMarks(int count)
{
    private readonly ulong[] _arrived = new ulong[(count + 63) / 64];
    private readonly ulong[] _listed = new ulong[(count + 63) / 64];

    /// <summary>Marks an arrival; false when it was marked before.</summary>
    public bool MarkArrived(int position)
    {
        var bit = 1UL << (position & 63);
        var isFirst = (_arrived[position >> 6] & bit) == 0;
        _arrived[position >> 6] |= bit;
        return isFirst;
    }

    public void MarkListed(int position) => _listed[position >> 6] |= 1UL << (position & 63);

    /// <summary>True when the key showed in any way.</summary>
    public bool IsMarked(int position) => ((_arrived[position >> 6] | _listed[position >> 6]) & (1UL << (position & 63))) != 0;

    public void Write(BinaryWriter writer)
    {
        writer.Write(_arrived.Length);
        foreach (var word in _arrived) writer.Write(word);
        foreach (var word in _listed) writer.Write(word);
    }

    public static KeyMarks Read(BinaryReader reader)
    {
        var words = reader.ReadInt32();
        var marks = new KeyMarks(words * 64);
        for (var i = 0; i < words; i++) marks._arrived[i] = reader.ReadUInt64();
        for (var i = 0; i < words; i++) marks._listed[i] = reader.ReadUInt64();
        return marks;
    }
}
