using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Writing;

/// <summary>
/// Collects the changed records of a stream and turns them into a section: sorted by group and key, a block per group.
/// </summary>
internal sealed class SectionBuilder
{
    private readonly BlockBuffer _arena = new();
    private readonly List<Row> _rows = [];

    /// <summary>Rows that count.</summary>
    public int RowCount { get; private set; }

    /// <summary>Bytes held, replaced rows included.</summary>
    public int ByteCount => _arena.Length;

    /// <summary>Adds a version; returns its place for <see cref="Drop"/>.</summary>
    public int Add(Hash128 keyHash, ReadOnlySpan<byte> key, RecordOperation operation, ReadOnlySpan<byte> json)
    {
        _rows.Add(new Row(keyHash, _arena.Length, key.Length, json.Length, operation));
        _arena.Append(key);
        _arena.Append(json);
        RowCount++;
        return _rows.Count - 1;
    }

    /// <summary>Forgets a row that a later arrival replaced.</summary>
    public void Drop(int place)
    {
        _rows[place] = _rows[place] with { IsDropped = true };
        RowCount--;
    }

    /// <summary>Makes the section and starts anew. Offsets in its table count from the section's first byte.</summary>
    public (SectionTable Table, byte[] Blocks) Build(string source, string stream, StreamKeys keys, int compressionLevel)
    {
        var groups = keys.Newest.Groups;
        var rows = SortedRows(groups);
        var sectionId = RandomNumberGenerator.GetBytes(16);
        var (blocks, lines, output) = (new List<BlockEntry>(), new BlockBuffer(), new BlockBuffer());
        using var writer = new BlockWriter(compressionLevel);
        for (var i = 0; i < rows.Length;)
        {
            var (group, first) = (rows[i].KeyHash.Group(groups), i);
            lines.Clear();
            for (; i < rows.Length && rows[i].KeyHash.Group(groups) == group; i++)
                RecordLine.Write(lines, KeyOf(rows[i]), seq: null, rows[i].Operation, JsonOf(rows[i]));
            var offset = output.Length;
            var key = keys.Find(keys.Newest.Epoch, group)!.Value;
            var (length, sha256) = writer.Write(lines.Written, key.Span, sectionId, output);
            blocks.Add(new BlockEntry(group, offset, length, i - first, sha256));
        }

        Clear();
        var table = new SectionTable
        {
            Id = Convert.ToHexStringLower(sectionId),
            Source = source,
            Stream = stream,
            KeyEpoch = keys.Newest.Epoch,
            Groups = groups,
            Blocks = blocks,
        };
        return (table, output.Written.ToArray());
    }

    public void Clear()
    {
        _arena.Clear();
        _rows.Clear();
        RowCount = 0;
    }

    private Row[] SortedRows(int groups)
    {
        var rows = _rows.Where(row => !row.IsDropped).ToArray();
        Array.Sort(rows, (left, right) =>
        {
            var byGroup = left.KeyHash.Group(groups).CompareTo(right.KeyHash.Group(groups));
            return byGroup != 0 ? byGroup : KeyOf(left).SequenceCompareTo(KeyOf(right));
        });
        return rows;
    }

    private ReadOnlySpan<byte> KeyOf(Row row) => _arena.Written.Slice(row.Start, row.KeyLength);

    private ReadOnlySpan<byte> JsonOf(Row row) => _arena.Written.Slice(row.Start + row.KeyLength, row.JsonLength);

    private readonly record struct Row(Hash128 KeyHash, int Start, int KeyLength, int JsonLength, RecordOperation Operation, bool IsDropped = false);
}
