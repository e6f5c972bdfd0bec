using System.Collections.Concurrent;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Reading;

/// <summary>Reads tables and blocks of sections. Every byte is held against the hashes that lead from the manifest to it.</summary>
internal sealed class SectionStore(IObjectStore objects, StreamKeyStore streamKeys, DictionaryStore dictionaries)
{
    private const int RememberedMax = 128;

    // A section's neighbours in its object are mostly asked for next; of thousands of small streams that share one, only few are.
    private const int NeighboursMax = 8;

    private readonly ConcurrentDictionary<(string Object, string Section), OpenFooterSection> _open = new();

    /// <summary>The whole table of a section. One range read, if not all of it is remembered.</summary>
    public async Task<SectionTable> GetTableAsync(SectionReference reference, CancellationToken cancellation)
    {
        if (!_open.TryGetValue((reference.Object, reference.Section), out var open)) return await ReadTableAsync(reference, cancellation);
        await ReadMissingAsync(reference, open, 0, open.Head.Groups, cancellation);
        return await WithDictionaryAsync(open.Table, cancellation);
    }

    /// <summary>Reads a whole table from the store, whatever is remembered.</summary>
    public async Task<SectionTable> ReadTableAsync(SectionReference reference, CancellationToken cancellation)
    {
        var start = reference.Footer.Pages ?? reference.Footer.Offset;
        var bytes = await ReadAsync(reference.Object, start, checked((int)(reference.Footer.Offset - start) + reference.Footer.Length), cancellation);
        var open = Remember(reference, SegmentFile.ReadFooter(bytes.AsSpan((int)(reference.Footer.Offset - start)), reference.Footer, reference.Object));
        open.ReadPages(bytes, start);
        if (open.FindMissing(0, open.Head.Groups) is not null) throw new VaultDamagedException(reference.Object, start, "The pages of the footer do not lie where the manifest says.");
        return await WithDictionaryAsync(open.Table, cancellation);
    }

    /// <summary>A section's table without its blocks: how it is divided.</summary>
    public async Task<SectionTable> GetHeadAsync(SectionReference reference, CancellationToken cancellation) => (await OpenAsync(reference, cancellation)).Head;

    /// <summary>A section's table with the blocks of some groups, in the section's own division, and perhaps of their neighbours: for who does not need the others.</summary>
    public async Task<SectionTable> GetPartAsync(SectionReference reference, int firstGroup, int endGroup, CancellationToken cancellation)
    {
        var open = await OpenAsync(reference, cancellation);
        await ReadMissingAsync(reference, open, firstGroup, endGroup, cancellation);
        var part = open.PartOf(firstGroup, endGroup);
        return part.Blocks.Count == 0 ? part : await WithDictionaryAsync(part, cancellation);
    }

    /// <summary>The table with its dictionary, if it has one: without it no block of the section opens.</summary>
    public async Task<SectionTable> WithDictionaryAsync(SectionTable table, CancellationToken cancellation) =>
        table.Dictionary is null ? table : table with { OpenDictionary = await dictionaries.GetAsync(table.Source, table.Stream, table.Dictionary, cancellation) };

    private async Task ReadMissingAsync(SectionReference reference, OpenFooterSection open, int firstGroup, int endGroup, CancellationToken cancellation)
    {
        if (open.FindMissing(firstGroup, endGroup) is not { } missing) return;
        open.ReadPages(await ReadAsync(reference.Object, missing.Offset, missing.Length, cancellation), missing.Offset);
    }

    private async Task<OpenFooterSection> OpenAsync(SectionReference reference, CancellationToken cancellation)
    {
        if (_open.TryGetValue((reference.Object, reference.Section), out var open)) return open;
        var bytes = await ReadAsync(reference.Object, reference.Footer.Offset, reference.Footer.Length, cancellation);
        return Remember(reference, SegmentFile.ReadFooter(bytes, reference.Footer, reference.Object));
    }

    private OpenFooterSection Remember(SectionReference reference, SegmentFooter footer)
    {
        var section = footer.Sections.FirstOrDefault(section => section.Id == reference.Section)
            ?? throw new VaultDamagedException(reference.Object, reference.Footer.Offset, "The footer lacks a section that the manifest names.");
        if (_open.Count >= RememberedMax) _open.Clear();
        if (footer.Sections.Count <= NeighboursMax)
        {
            foreach (var neighbour in footer.Sections) _open.TryAdd((reference.Object, neighbour.Id), new OpenFooterSection(neighbour, reference.Object));
        }

        return _open[(reference.Object, reference.Section)] = new OpenFooterSection(section, reference.Object);
    }

    /// <summary>Consecutive blocks, in one range read; each is opened when it is asked for.</summary>
    public async Task<BlockRange> ReadBlocksAsync(
        SectionReference reference, SectionTable table, int firstBlock, int blockCount, CancellationToken cancellation)
    {
        if (blockCount == 0) return BlockRange.Empty;
        return await ReadBlocksAsync(reference, table, firstBlock, blockCount, await streamKeys.GetAsync(table.Source, table.Stream, table.KeyEpoch, cancellation), cancellation);
    }

    /// <summary>One block, and no more than its own key if there are many; it opens.</summary>
    public async Task<BlockRange> ReadBlockAsync(SectionReference reference, SectionTable table, int block, CancellationToken cancellation)
    {
        var entry = table.Blocks[block];
        var keys = await streamKeys.GetForBlockAsync(table.Source, table.Stream, table.KeyEpoch, table.Groups, entry.Group, cancellation);
        var range = await ReadBlocksAsync(reference, table, block, 1, keys, cancellation);
        if (keys is not SingleGroupKey || range.IsOpenedBy(keys)) return range;
        return range.With(await streamKeys.GetAsync(table.Source, table.Stream, table.KeyEpoch, cancellation));
    }

    private async Task<BlockRange> ReadBlocksAsync(
        SectionReference reference, SectionTable table, int firstBlock, int blockCount, IBlockKeys keys, CancellationToken cancellation)
    {
        var start = table.Blocks[firstBlock].Offset;
        var end = table.Blocks[firstBlock + blockCount - 1];
        var bytes = await ReadAsync(reference.Object, start, checked((int)(end.Offset + end.Length - start)), cancellation);
        return new BlockRange(bytes, reference.Object, table, keys, firstBlock, blockCount);
    }

    /// <summary>The lines of one block, until the reader opens the next.</summary>
    public static ReadOnlyMemory<byte> OpenPassing(BlockReader reader, ReadOnlySpan<byte> block, BlockEntry entry, IBlockKeys keys, SectionTable table, string objectName) =>
        reader.ReadPassing(block, entry, KeyOf(entry, keys, table, objectName).Span, Convert.FromHexString(table.Id), objectName, table.OpenDictionary);

    /// <summary>The lines of one block.</summary>
    public static byte[] Open(BlockReader reader, ReadOnlySpan<byte> block, BlockEntry entry, IBlockKeys keys, SectionTable table, string objectName) =>
        reader.Read(block, entry, KeyOf(entry, keys, table, objectName).Span, Convert.FromHexString(table.Id), objectName, table.OpenDictionary);

    private static ReadOnlyMemory<byte> KeyOf(BlockEntry entry, IBlockKeys keys, SectionTable table, string objectName) => keys.Find(table.KeyEpoch, entry.Group)
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
internal sealed class BlockRange(byte[] bytes, string objectName, SectionTable table, IBlockKeys? keys, int firstBlock, int blockCount)
{
    public static BlockRange Empty { get; } = new([], "", new SectionTable { Id = "", Source = "", Stream = "", KeyEpoch = 0, Groups = 1, Blocks = [] }, null, 0, 0);

    public int Count => blockCount;

    /// <summary>The same blocks with other keys.</summary>
    public BlockRange With(IBlockKeys others) => new(bytes, objectName, table, others, firstBlock, blockCount);

    /// <summary>Whether a key is the one of the first block.</summary>
    public bool IsOpenedBy(IBlockKeys some) =>
        some.Find(table.KeyEpoch, EntryAt(0).Group) is { } key && Block.IsSealedUnder(key.Span, Convert.FromHexString(table.Id), BytesAt(0));

    public BlockEntry EntryAt(int position) => table.Blocks[firstBlock + position];

    /// <summary>The lines of a block.</summary>
    public byte[] Open(int position, BlockReader reader) => SectionStore.Open(reader, BytesAt(position), EntryAt(position), keys!, table, objectName);

    /// <summary>The lines of a block, until the reader opens the next.</summary>
    public ReadOnlyMemory<byte> OpenPassing(int position, BlockReader reader) => SectionStore.OpenPassing(reader, BytesAt(position), EntryAt(position), keys!, table, objectName);

    private ReadOnlySpan<byte> BytesAt(int position) => bytes.AsSpan((int)(EntryAt(position).Offset - table.Blocks[firstBlock].Offset), EntryAt(position).Length);
}
