using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>One part of a stream backup's draft: header, changes since the part before, arrivals so far, small sections. Sealed.</summary>
internal sealed class DraftPart
{
    private const string HeaderPurpose = "draft header";
    private const string PayloadPurpose = "draft payload";
    private const int HeaderGuessBytes = 64 * 1024;
    private const int HeaderBytesMax = 256 * 1024 * 1024;
    private const int EntryKeyLengthOffset = (2 * Hash128.ByteCount) + 1;
    private const int EntryHeaderBytes = EntryKeyLengthOffset + 4;

    private static ReadOnlySpan<byte> Magic => "LBDRAFT1"u8;

    private readonly ReadOnlyMemory<byte> _entries;

    private DraftPart(DraftHeader header, ReadOnlyMemory<byte> entries, KeyMarks marks, IReadOnlyList<byte[]> inlineSections) =>
        (Header, _entries, Marks, InlineSections) = (header, entries, marks, inlineSections);

    /// <summary>A part whose changes are held elsewhere in memory.</summary>
    public static DraftPart InMemory(DraftHeader header, KeyMarks marks, IReadOnlyList<byte[]> inlineSections) => new(header, ReadOnlyMemory<byte>.Empty, marks, inlineSections);

    public DraftHeader Header { get; }

    public KeyMarks Marks { get; }

    public IReadOnlyList<byte[]> InlineSections { get; }

    /// <summary>The object's bytes. With a million changes it is large, so it is written once, where it will be sealed.</summary>
    public static byte[] Write(DraftHeader header, ChangeTable changes, KeyMarks marks, IReadOnlyList<byte[]> inlineSections, ReadOnlySpan<byte> key)
    {
        var sealedHeader = Sealed.Write(key, HeaderPurpose, JsonSerializer.SerializeToUtf8Bytes(header, FormatJson.Default.DraftHeader));
        var payloadLength = EntriesLength(changes) + marks.ByteCount + 4 + inlineSections.Sum(section => 4 + section.Length);
        var start = Magic.Length + 4 + sealedHeader.Length;
        var bytes = new byte[start + payloadLength + Sealed.OverheadByteCount];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Magic.Length), sealedHeader.Length);
        sealedHeader.CopyTo(bytes, Magic.Length + 4);

        using var writer = new BinaryWriter(new MemoryStream(bytes, start + Sealed.SaltByteCount, payloadLength));
        WriteEntries(writer, changes);
        marks.Write(writer);
        writer.Write(inlineSections.Count);
        foreach (var section in inlineSections)
        {
            writer.Write(section.Length);
            writer.Write(section);
        }

        writer.Flush();
        Sealed.Close(key, PayloadPurpose, bytes.AsSpan(start));
        return bytes;
    }

    /// <summary>
    /// This part without the texts of keys that were erased; null when it has none of them. Their hashes stay, so that the commit knows what
    /// to leave out.
    /// </summary>
    public byte[]? WriteWithout(IReadOnlySet<Hash128> erased, Func<string, Hash128> hashKey, ReadOnlySpan<byte> key)
    {
        var (changes, isFound) = (new ChangeTable(), false);
        ReplayInto(changes);
        var left = new ChangeTable();
        for (var i = 0; i < changes.Count; i++)
        {
            var isErased = erased.Contains(changes.KeyHashAt(i));
            isFound |= isErased && changes.KeyAt(i).Length > 0;
            left.Set(changes.KeyHashAt(i), changes.RecordHashAt(i), isErased ? [] : changes.KeyAt(i));
        }

        bool IsErased(RefusedRecord refused) => refused.Key is not null && erased.Contains(hashKey(refused.Key));
        IReadOnlyList<RefusedRecord> Clear(IReadOnlyList<RefusedRecord> samples) => [.. samples.Select(refused => IsErased(refused) ? refused with { Key = null } : refused)];
        isFound |= Header.RefusedSamples.Any(IsErased) || (Header.Outcome?.RefusedSamples.Any(IsErased) ?? false);
        if (!isFound) return null;
        var header = Header with
        {
            RefusedSamples = Clear(Header.RefusedSamples),
            Outcome = Header.Outcome is { } outcome ? outcome with { RefusedSamples = Clear(outcome.RefusedSamples) } : null,
        };
        return Write(header, left, Marks, InlineSections, key);
    }

    /// <summary>Applies this part's changes.</summary>
    public void ReplayInto(ChangeTable changes)
    {
        for (var rest = _entries.Span; !rest.IsEmpty;)
        {
            var hasHash = rest[Hash128.ByteCount] != 0;
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest[EntryKeyLengthOffset..]);
            changes.Set(Hash128.Read(rest), hasHash ? Hash128.Read(rest[(Hash128.ByteCount + 1)..]) : null, rest.Slice(EntryHeaderBytes, length));
            rest = rest[(EntryHeaderBytes + length)..];
        }
    }

    /// <summary>A whole part; null when it is damaged or another version's: a cache that cannot be read is as good as none.</summary>
    public static DraftPart? Read(byte[] bytes, ReadOnlySpan<byte> key)
    {
        try
        {
            if (!TryReadHeader(bytes, key, out var header, out var length)) return null;
            return ReadPayload(header!, Sealed.Open(key, PayloadPurpose, bytes.AsMemory(Magic.Length + 4 + length)));
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
        // A damaged length may be anything; what it asks for must not be.
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length));
        if (length is < 0 or > HeaderBytesMax) return null;
        var needed = Magic.Length + 4 + length;
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
        if (length < 0 || length > bytes.Length - Magic.Length - 4) return false;
        header = JsonSerializer.Deserialize(Sealed.Read(key, HeaderPurpose, bytes.Slice(Magic.Length + 4, length)), FormatJson.Default.DraftHeader);
        return header is not null;
    }

    private static int EntriesLength(ChangeTable changes) => checked(4 + changes.Unsaved().Sum(ordinal => EntryHeaderBytes + changes.KeyAt(ordinal).Length));

    private static void WriteEntries(BinaryWriter writer, ChangeTable changes)
    {
        Span<byte> header = stackalloc byte[EntryHeaderBytes];
        writer.Write(EntriesLength(changes) - 4);
        foreach (var ordinal in changes.Unsaved())
        {
            changes.KeyHashAt(ordinal).Write(header);
            var recordHash = changes.RecordHashAt(ordinal);
            header[Hash128.ByteCount] = recordHash is null ? (byte)0 : (byte)1;
            (recordHash ?? default).Write(header[(Hash128.ByteCount + 1)..]);
            BinaryPrimitives.WriteInt32LittleEndian(header[EntryKeyLengthOffset..], changes.KeyAt(ordinal).Length);
            writer.Write(header);
            writer.Write(changes.KeyAt(ordinal));
        }
    }

    private static DraftPart ReadPayload(DraftHeader header, ReadOnlyMemory<byte> payload)
    {
        var entriesLength = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        var rest = payload[(4 + entriesLength)..];
        var marks = KeyMarks.Read(ref rest);
        var sections = new byte[ReadInt32(ref rest)][];
        for (var i = 0; i < sections.Length; i++)
        {
            var length = ReadInt32(ref rest);
            sections[i] = rest[..length].ToArray();
            rest = rest[length..];
        }

        return new DraftPart(header, payload.Slice(4, entriesLength), marks, sections);
    }

    private static int ReadInt32(ref ReadOnlyMemory<byte> rest)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        rest = rest[4..];
        return value;
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

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int ByteCount => 4 + (16 * _arrived.Length);

    public void Write(BinaryWriter writer)
    {
        writer.Write(_arrived.Length);
        writer.Write(MemoryMarshal.AsBytes(_arrived.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(_listed.AsSpan()));
    }

    public static KeyMarks Read(ref ReadOnlyMemory<byte> rest)
    {
        var words = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        var marks = new KeyMarks(words * 64);
        rest.Span.Slice(4, 8 * words).CopyTo(MemoryMarshal.AsBytes(marks._arrived.AsSpan()));
        rest.Span.Slice(4 + (8 * words), 8 * words).CopyTo(MemoryMarshal.AsBytes(marks._listed.AsSpan()));
        rest = rest[(4 + (16 * words))..];
        return marks;
    }
}
