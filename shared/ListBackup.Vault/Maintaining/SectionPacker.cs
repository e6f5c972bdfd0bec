using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Maintaining;

/// <summary>
/// Writes sections into segment objects: several small ones share an object, a large one has its own. Holds at most one segment in memory.
/// </summary>
internal sealed class SectionPacker(VaultCore core, string source, long seq, string attempt) : IDisposable
{
    private const int SectionBytesMax = 24 * 1024 * 1024;

    private readonly BlockBuffer _output = new();
    private BlockWriter? _writer;
    private readonly List<Placed> _waiting = [];
    private SegmentFile? _segment;
    private SectionInProgress? _section;
    private int _part;

    /// <summary>Bytes of the objects that were put.</summary>
    public long BytesPut { get; private set; }

    /// <summary>Begins a section of a stream; what it becomes is added to the list, in order, several when it grows large.</summary>
    public void Begin(string stream, StreamKeys keys, BlockCompression compression, List<Placed> places)
    {
        _writer?.Dispose();
        _writer = new BlockWriter(compression.Level, compression.Dictionary);
        _section = new SectionInProgress(stream, keys, compression.Dictionary?.Hash, places);
    }

    /// <summary>Adds a block. The section ends and the next begins when it is full, or when it has the group already.</summary>
    public async Task AddAsync(int group, int rows, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        if (_section!.Blocks is [.., var last] && last.Group == group) End();
        if (_segment is { Length: > SectionBytesMax }) await PutAsync(cancellation);
        _segment ??= new SegmentFile(_output);
        var offset = _segment.Length;
        var (length, sha256) = _writer!.Write(lines.Span, _section.Keys.Find(_section.Keys.Newest.Epoch, group)!.Value.Span, _section.Id, _segment.Output);
        _section.Blocks.Add(new BlockEntry(group, offset, length, rows, sha256));
    }

    /// <summary>Ends the stream's section.</summary>
    public void End()
    {
        if (_section is not { Blocks.Count: > 0 } section) return;
        var id = Convert.ToHexStringLower(section.Id);
        _segment!.AddBuilt(new SectionTable
        {
            Id = id,
            Source = source,
            Stream = section.Stream,
            KeyEpoch = section.Keys.Newest.Epoch,
            Groups = section.Keys.Newest.Groups,
            Dictionary = section.Dictionary,
            Blocks = section.Blocks,
        });
        var place = new Placed(id);
        section.Places.Add(place);
        _waiting.Add(place);
        _section = new SectionInProgress(section.Stream, section.Keys, section.Dictionary, section.Places);
    }

    /// <summary>Puts what is not in an object yet.</summary>
    public async Task PutAsync(CancellationToken cancellation)
    {
        End();
        if (_segment is null) return;
        var finished = _segment.Finish(ObjectNames.Segment(source, seq, attempt, ++_part), core.Options.FooterPageBlocks);
        // The name is random, so nobody else's object is replaced, and a repeated put after a lost reply is none the worse.
        await core.Objects.PutAsync(finished.Name, finished.Content, PutCondition.Replace, cancellation);
        foreach (var place in _waiting) place.Reference = finished.ReferenceTo(place.Id);
        BytesPut += finished.Content.Length;
        _waiting.Clear();
        _segment = null;
    }

    public void Dispose() => _writer?.Dispose();

    /// <summary>A section that is written or about to be; its reference is there after the put.</summary>
    internal sealed class Placed(string id)
    {
        public string Id { get; } = id;

        public SectionReference? Reference { get; set; }
    }

    private sealed class SectionInProgress(string stream, StreamKeys keys, string? dictionary, List<Placed> places)
    {
        // Random, and a block for each group at most once: what makes the block's nonce unique (see BlockWriter).
        public byte[] Id { get; } = RandomNumberGenerator.GetBytes(16);

        public string Stream { get; } = stream;

        public StreamKeys Keys { get; } = keys;

        public string? Dictionary { get; } = dictionary;

        public List<Placed> Places { get; } = places;

        public List<BlockEntry> Blocks { get; } = [];
    }
}
