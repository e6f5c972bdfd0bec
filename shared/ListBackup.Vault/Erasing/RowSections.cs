using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>Sections of stored versions under a stream's newest keys. Each block is opened again before it counts, since what it was made from is to be forgotten.</summary>
internal sealed class RowSections(VaultCore core, string source, string stream, StreamKeys keys) : IDisposable
{
    private const int SectionBytesMax = 24 * 1024 * 1024;

    private readonly BlockWriter _writer = new(core.Options.CompressionLevel);
    private readonly BlockReader _reader = new();
    private readonly BlockBuffer _lines = new();
    private readonly List<BuiltRows> _finished = [];
    private SegmentFile _segment = new(new BlockBuffer());
    private byte[] _id = RandomNumberGenerator.GetBytes(16);
    private List<BlockEntry> _blocks = [];
    private long _from = long.MaxValue;

    /// <summary>Adds rows of whole groups, behind all groups that were added before.</summary>
    public void Add(IEnumerable<StoredRow> rows)
    {
        foreach (var group in rows.GroupBy(row => row.KeyHash.Group(keys.Newest.Groups)).OrderBy(group => group.Key))
        {
            var sorted = group.ToList();
            sorted.Sort(StoredRow.CompareInBlock);
            AddBlock(group.Key, sorted);
            if (_segment.Length >= SectionBytesMax) FinishSection();
        }
    }

    /// <summary>The sections, each in a segment of its own that is not ended yet.</summary>
    public IReadOnlyList<BuiltRows> Finish()
    {
        FinishSection();
        return _finished;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
    }

    private void AddBlock(int group, List<StoredRow> rows)
    {
        _lines.Clear();
        foreach (var row in rows) _lines.Append(row.Line.Span);
        _from = Math.Min(_from, rows.Min(row => row.Seq));
        var offset = _segment.Length;
        var key = keys.Find(keys.Newest.Epoch, group) ?? throw new VaultException($"Stream {stream} of source {source} has no key for group {group} in its newest epoch.");
        var (length, sha256) = _writer.Write(_lines.Written, key.Span, _id, _segment.Output);
        var entry = new BlockEntry(group, offset, length, rows.Count, sha256);
        if (!_reader.Read(_segment.Output.Written.Slice(offset, length), entry, key.Span, _id, "a new segment").AsSpan().SequenceEqual(_lines.Written))
            throw new VaultException("A block opens to other lines than it was made of.");
        _blocks.Add(entry);
    }

    private void FinishSection()
    {
        if (_blocks.Count == 0) return;
        var table = new SectionTable
        {
            Id = Convert.ToHexStringLower(_id),
            Source = source,
            Stream = stream,
            KeyEpoch = keys.Newest.Epoch,
            Groups = keys.Newest.Groups,
            Blocks = _blocks,
        };
        _segment.AddBuilt(table);
        _finished.Add(new BuiltRows(new BuiltSection(_segment, table), _from));
        (_segment, _id, _blocks, _from) = (new SegmentFile(new BlockBuffer()), RandomNumberGenerator.GetBytes(16), [], long.MaxValue);
    }
}

/// <summary>A section of stored versions.</summary>
/// <param name="Section">It.</param>
/// <param name="From">The lowest seq of its versions.</param>
internal sealed record BuiltRows(BuiltSection Section, long From);
