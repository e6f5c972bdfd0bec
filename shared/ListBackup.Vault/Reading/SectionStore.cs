using System.Collections.Concurrent;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Reading;

/// <summary>Reads tables and blocks of sections. Every byte is held against the hashes that lead from the manifest to it.</summary>
internal sealed class SectionStore(IObjectStore objects, StreamKeyStore streamKeys, DictionaryStore dictionaries)
{
    private const int RememberedMax = 128;
    private readonly ConcurrentDictionary<(string Object, string Section), SectionTable> _tables = new();

    public async Task<SectionTable> GetTableAsync(SectionReference reference, CancellationToken cancellation)
    {
        if (_tables.TryGetValue((reference.Object, reference.Section), out var table)) return table;
        if (_tables.Count >= RememberedMax) _tables.Clear();
        return _tables[(reference.Object, reference.Section)] = await ReadTableAsync(reference, cancellation);
    }

    /// <summary>Reads a table from the store, whatever is remembered.</summary>
    public async Task<SectionTable> ReadTableAsync(SectionReference reference, CancellationToken cancellation)
    {
        try
        {
            var bytes = await objects.ReadRangeAsync(reference.Object, reference.Footer.Offset, reference.Footer.Length, cancellation);
            return await WithDictionaryAsync(TableOf(SegmentFile.ReadFooter(bytes, reference.Footer, reference.Object), reference), cancellation);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new VaultDamagedException(reference.Object, 0, "The segment is gone.", exception);
        }
    }

    /// <summary>The table with its dictionary, if it has one: without it no block of the section opens.</summary>
    public async Task<SectionTable> WithDictionaryAsync(SectionTable table, CancellationToken cancellation) =>
        table.Dictionary is null ? table : table with { OpenDictionary = await dictionaries.GetAsync(table.Source, table.Stream, table.Dictionary, cancellation) };

    /// <summary>The section's table in a footer.</summary>
    public static SectionTable TableOf(SegmentFooter footer, SectionReference reference) =>
        footer.Sections.FirstOrDefault(section => section.Id == reference.Section)
        ?? throw new VaultDamagedException(reference.Object, reference.Footer.Offset, "The footer lacks a section that the manifest names.");

    /// <summary>Consecutive blocks, in one range read; each is opened when it is asked for.</summary>
    public async Task<BlockRange> ReadBlocksAsync(
        SectionReference reference, SectionTable table, int firstBlock, int blockCount, CancellationToken cancellation)
    {
        if (blockCount == 0) return BlockRange.Empty;
        var keys = await streamKeys.GetAsync(table.Source, table.Stream, table.KeyEpoch, cancellation);
        var start = table.Blocks[firstBlock].Offset;
        var end = table.Blocks[firstBlock + blockCount - 1];
        var bytes = await ReadAsync(reference.Object, start, checked((int)(end.Offset + end.Length - start)), cancellation);
        return new BlockRange(bytes, reference.Object, table, keys, firstBlock, blockCount);
    }

    /// <summary>The lines of one block, until the reader opens the next.</summary>
    public static ReadOnlyMemory<byte> OpenPassing(BlockReader reader, ReadOnlySpan<byte> block, BlockEntry entry, StreamKeys keys, SectionTable table, string objectName) =>
        reader.ReadPassing(block, entry, KeyOf(entry, keys, table, objectName).Span, Convert.FromHexString(table.Id), objectName, table.OpenDictionary);

    /// <summary>The lines of one block.</summary>
    public static byte[] Open(BlockReader reader, ReadOnlySpan<byte> block, BlockEntry entry, StreamKeys keys, SectionTable table, string objectName) =>
        reader.Read(block, entry, KeyOf(entry, keys, table, objectName).Span, Convert.FromHexString(table.Id), objectName, table.OpenDictionary);

    private static ReadOnlyMemory<byte> KeyOf(BlockEntry entry, StreamKeys keys, SectionTable table, string objectName) => keys.Find(table.KeyEpoch, entry.Group)
        ?? throw new VaultDamagedException(objectName, entry.Offset, $"The key of group {entry.Group} in epoch {table.KeyEpoch} is gone. If a person was erased just now, read again.");

    private async Task<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        try
        {
            var bytes = await objects.ReadRangeAsync(name, offset, length, cancellation);
            return bytes.Length == length ? bytes : throw new VaultDamagedException(name, offset, "The segment is shorter than its footer says.");
        }
        catch (ObjectNotFoundException exception)
        {
            throw new VaultDamagedException(name, 0, "The segment is gone.", exception);
        }
    }
}

/// <summary>Blocks as they are stored. Opened one at a time, since opened they are five times as large.</summary>
internal sealed class BlockRange(byte[] bytes, string objectName, SectionTable table, StreamKeys? keys, int firstBlock, int blockCount)
{
    public static BlockRange Empty { get; } = new([], "", new SectionTable { Id = "", Source = "", Stream = "", KeyEpoch = 0, Groups = 1, Blocks = [] }, null, 0, 0);

    public int Count => blockCount;

    public BlockEntry EntryAt(int position) => table.Blocks[firstBlock + position];

    /// <summary>The lines of a block.</summary>
    public byte[] Open(int position, BlockReader reader) => SectionStore.Open(reader, BytesAt(position), EntryAt(position), keys!, table, objectName);

    /// <summary>The lines of a block, until the reader opens the next.</summary>
    public ReadOnlyMemory<byte> OpenPassing(int position, BlockReader reader) => SectionStore.OpenPassing(reader, BytesAt(position), EntryAt(position), keys!, table, objectName);

    private ReadOnlySpan<byte> BytesAt(int position) => bytes.AsSpan((int)(EntryAt(position).Offset - table.Blocks[firstBlock].Offset), EntryAt(position).Length);
}
