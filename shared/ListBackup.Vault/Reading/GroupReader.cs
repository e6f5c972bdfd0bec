using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>A version and the snapshot that brought it.</summary>
internal readonly record struct StoredVersion(RecordLine Line, long Seq);

/// <summary>Every version that some sections hold of one group's records. Of one key the higher seq is the newer, of equal seqs the later in the list.</summary>
internal sealed record GroupVersions(int Group, IReadOnlyList<StoredVersion> Versions)
{
    /// <summary>The newest version of each key.</summary>
    public Dictionary<string, StoredVersion> Newest()
    {
        var newest = new Dictionary<string, StoredVersion>(Versions.Count, StringComparer.Ordinal);
        foreach (var version in Versions)
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(newest, version.Line.Key, out var exists);
            if (!exists || version.Seq >= slot.Seq) slot = version;
        }

        return newest;
    }

    /// <summary>The versions so that each key's come from old to new.</summary>
    public IEnumerable<StoredVersion> OldestFirst() => Versions.OrderBy(version => version.Seq);
}

/// <summary>A group's blocks as they are stored. Each method opens them; to be used before the next group is asked for.</summary>
internal sealed class StoredGroup(int group, IReadOnlyList<StoredBlock> blocks, BlockReader reader, long upTo)
{
    public int Group => group;

    public int BlockCount => blocks.Count;

    /// <summary>Every version.</summary>
    public GroupVersions Open()
    {
        var versions = new List<StoredVersion>();
        foreach (var block in blocks) versions.AddRange(VersionsIn(block, block.Range.Open(block.Position, reader), wanted: null));
        return new GroupVersions(group, versions);
    }

    /// <summary>The versions of some keys. Of the others nothing is kept.</summary>
    public GroupVersions Open(WantedKeys wanted)
    {
        var versions = new List<StoredVersion>();
        foreach (var block in blocks)
            versions.AddRange(VersionsIn(block, block.Range.OpenPassing(block.Position, reader), wanted).Select(version => version with { Line = version.Line.Copy() }));
        return new GroupVersions(group, versions);
    }

    /// <summary>Every line of every block, those of later snapshots too; each is good until the next block is opened.</summary>
    public IEnumerable<(StoredBlock Block, StoredVersion Version)> ReadPassing()
    {
        foreach (var block in blocks)
        {
            foreach (var line in Block.LinesOf(block.Range.OpenPassing(block.Position, reader), block.Entry, block.Section.Object))
                yield return (block, new StoredVersion(line, line.Seq ?? block.Section.To));
        }
    }

    private IEnumerable<StoredVersion> VersionsIn(StoredBlock block, ReadOnlyMemory<byte> lines, WantedKeys? wanted)
    {
        foreach (var line in Block.LinesOf(lines, block.Entry, block.Section.Object, wanted))
        {
            var seq = line.Seq ?? block.Section.To;
            if (seq <= upTo) yield return new StoredVersion(line, seq);
        }
    }
}

/// <summary>A block in a range that was read.</summary>
internal readonly record struct StoredBlock(SectionReference Section, SectionTable Table, BlockRange Range, int Position)
{
    public BlockEntry Entry => Range.EntryAt(Position);
}

/// <summary>Reads sections group by group, in windows of neighbouring groups: one range read per section and window.</summary>
internal sealed class GroupReader
{
    private readonly VaultCore _core;
    private readonly long _upTo;
    private readonly List<Section> _sections = [];

    private GroupReader(VaultCore core, long upTo) => (_core, _upTo) = (core, upTo);

    // Reading a few groups too many in one request is cheaper than one more request.
    private const int GapMax = 4;

    /// <summary>How many groups there are to read: those of the section with the fewest, or fewer.</summary>
    public int GroupCount { get; private set; } = 1;

    /// <summary>Groups that hold anything; known without reading a block.</summary>
    public HashSet<int> Groups() => [.. _sections.SelectMany(section => section.Table.Blocks.Select(block => section.GroupOf(block, GroupCount)))];

    /// <summary>Divides two readers alike, so that they meet group by group.</summary>
    public static void Align(GroupReader one, GroupReader other) => one.GroupCount = other.GroupCount = Math.Min(one.DivisionOr(other), other.DivisionOr(one));

    /// <summary>Divides into no more groups than so many; a power of two.</summary>
    public void CoarsenTo(int groups) => GroupCount = Math.Min(GroupCount, groups);

    /// <summary>A reader of what a snapshot has of a stream.</summary>
    public static Task<GroupReader> OpenAsync(VaultCore core, StreamView view, CancellationToken cancellation) =>
        OpenAsync(core, view.Sections, view.Seq, cancellation);

    /// <param name="core">The vault.</param>
    /// <param name="sections">In the manifest's order.</param>
    /// <param name="upTo">Versions of later snapshots are passed over.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<GroupReader> OpenAsync(VaultCore core, IEnumerable<SectionReference> sections, long upTo, CancellationToken cancellation)
    {
        var reader = new GroupReader(core, upTo);
        foreach (var reference in sections)
            reader._sections.Add(new Section(reference, await core.Sections.GetTableAsync(reference, cancellation)));
        // Group numbers are leading bits of the key hash: a coarser division holds a finer one's neighbours.
        if (reader._sections.Count > 0) reader.GroupCount = reader._sections.Min(section => section.Table.Groups);
        return reader;
    }

    /// <summary>A reader of tables that are there already, whole or in part.</summary>
    public static GroupReader Over(VaultCore core, IEnumerable<(SectionReference Reference, SectionTable Table)> sections, int groupCount, long upTo)
    {
        var reader = new GroupReader(core, upTo) { GroupCount = groupCount };
        foreach (var (reference, table) in sections) reader._sections.Add(new Section(reference, table));
        return reader;
    }

    /// <summary>All groups that hold anything, from the given one on.</summary>
    public IAsyncEnumerable<GroupVersions> ReadAsync(int firstGroup, CancellationToken cancellation) => ReadAsync(firstGroup, _ => true, cancellation);

    /// <summary>The wanted groups that hold anything, in order.</summary>
    public async IAsyncEnumerable<GroupVersions> ReadAsync(int firstGroup, Func<int, bool> isWanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var stored in ReadStoredAsync(firstGroup, isWanted, cancellation))
        {
            if (stored.Open() is { Versions.Count: > 0 } group) yield return group;
        }
    }

    /// <summary>The wanted groups that have a block, in order, for who does not need all of them or all that they hold.</summary>
    public async IAsyncEnumerable<StoredGroup> ReadStoredAsync(int firstGroup, Func<int, bool> isWanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new BlockReader();
        for (var group = firstGroup; group < GroupCount;)
        {
            if (!isWanted(group))
            {
                group++;
                continue;
            }

            var end = WindowEnd(group, isWanted);
            foreach (var stored in Divide(group, end, await ReadWindowAsync(group, end, cancellation), reader).Where(stored => isWanted(stored.Group))) yield return stored;
            group = end;
        }
    }

    /// <summary>One group.</summary>
    public async Task<GroupVersions> ReadGroupAsync(int group, CancellationToken cancellation)
    {
        using var reader = new BlockReader();
        var ranges = new List<BlockRange>(_sections.Count);
        foreach (var section in _sections)
        {
            var (first, count) = section.BlocksOf(group, group + 1, GroupCount);
            ranges.Add(count == 1
                ? await _core.Sections.ReadBlockAsync(section.Reference, section.Table, first, cancellation)
                : await _core.Sections.ReadBlocksAsync(section.Reference, section.Table, first, count, cancellation));
        }

        return Divide(group, group + 1, ranges, reader).FirstOrDefault()?.Open() ?? new GroupVersions(group, []);
    }

    private int DivisionOr(GroupReader other) => _sections.Count == 0 ? other.GroupCount : GroupCount;

    /// <summary>Where a window ends that begins with a wanted group: at a wide gap, or when it is full.</summary>
    private int WindowEnd(int first, Func<int, bool> isWanted)
    {
        var (bytes, lastWanted) = (0L, first);
        for (var group = first; group < GroupCount; group++)
        {
            if (isWanted(group)) lastWanted = group;
            if (group - lastWanted > GapMax) return lastWanted + 1;
            foreach (var section in _sections) bytes += section.BytesOf(group, group + 1, GroupCount);
            if (bytes > _core.Options.ReadWindowBytesMax && group > first) return group;
        }

        return GroupCount;
    }

    private async Task<List<BlockRange>> ReadWindowAsync(int first, int end, CancellationToken cancellation)
    {
        var ranges = new List<BlockRange>(_sections.Count);
        foreach (var section in _sections)
        {
            var (firstBlock, count) = section.BlocksOf(first, end, GroupCount);
            ranges.Add(await _core.Sections.ReadBlocksAsync(section.Reference, section.Table, firstBlock, count, cancellation));
        }

        return ranges;
    }

    private IEnumerable<StoredGroup> Divide(int first, int end, List<BlockRange> ranges, BlockReader reader)
    {
        var positions = new int[_sections.Count];
        for (var group = first; group < end; group++)
        {
            var blocks = new List<StoredBlock>();
            for (var i = 0; i < _sections.Count; i++)
            {
                var section = _sections[i];
                for (; positions[i] < ranges[i].Count && section.GroupOf(ranges[i].EntryAt(positions[i]), GroupCount) == group; positions[i]++)
                    blocks.Add(new StoredBlock(section.Reference, section.Table, ranges[i], positions[i]));
            }

            if (blocks.Count > 0) yield return new StoredGroup(group, blocks, reader, _upTo);
        }
    }

    /// <summary>A section with where its blocks begin; they are in order of group.</summary>
    private sealed class Section(SectionReference reference, SectionTable table)
    {
        public SectionReference Reference { get; } = reference;

        /// <summary>Without the blocks that the manifest says are to be skipped.</summary>
        public SectionTable Table { get; } = reference.Without is { Count: > 0 } without
            ? table with { Blocks = [.. table.Blocks.Where(block => !without.Contains(block.Group))] }
            : table;

        public int GroupOf(BlockEntry block, int groupCount) => block.Group >> (BitOperations.Log2((uint)Table.Groups) - BitOperations.Log2((uint)groupCount));

        public (int First, int Count) BlocksOf(int firstGroup, int endGroup, int groupCount)
        {
            var first = LowerBound(firstGroup, groupCount);
            return (first, LowerBound(endGroup, groupCount) - first);
        }

        public long BytesOf(int firstGroup, int endGroup, int groupCount)
        {
            var (first, count) = BlocksOf(firstGroup, endGroup, groupCount);
            var bytes = 0L;
            for (var i = first; i < first + count; i++) bytes += Table.Blocks[i].Length;
            return bytes;
        }

        private int LowerBound(int group, int groupCount)
        {
            var (low, high) = (0, Table.Blocks.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (GroupOf(Table.Blocks[middle], groupCount) < group) low = middle + 1;
                else high = middle;
            }

            return low;
        }
    }
}
