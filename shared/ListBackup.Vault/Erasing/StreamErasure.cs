using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>A stream after an erasure, ready to be committed.</summary>
/// <param name="State">Its state, the new sections not in it yet.</param>
/// <param name="Index">Its key index.</param>
/// <param name="Sections">The rewritten groups.</param>
/// <param name="Facts">What was done.</param>
internal sealed record ErasedState(StreamState State, NextIndex Index, IReadOnlyList<BuiltRows> Sections, ErasedStream Facts);

/// <summary>
/// Rewrites what a stream's sections hold of the groups of some keys: of these keys only hashes are left, all else stays byte for byte.
/// Works through the key space range by range, so that memory holds one range's versions.
/// </summary>
internal sealed class StreamErasure
{
    private readonly VaultCore _core;
    private readonly Manifest _parent;
    private readonly string _stream;
    private readonly StreamState _state;
    private readonly IReadOnlySet<Hash128> _erased;
    private readonly StreamKeys _keys;
    private readonly ForgottenGroups _forgotten;
    private readonly StreamSecrets _secrets;
    private readonly Redactor _redactor;
    private readonly HashSet<Hash128> _found = [];
    private long _redacted, _copied;

    /// <param name="core">The vault.</param>
    /// <param name="parent">The manifest that the erasure goes on from.</param>
    /// <param name="stream">Name of a stream in it.</param>
    /// <param name="erased">Key hashes.</param>
    /// <param name="keys">Keys whose newest epoch is newer than every section.</param>
    /// <param name="forgotten">The groups of the keys, as that epoch divides them.</param>
    /// <param name="redactor">Hashes what is taken away.</param>
    public StreamErasure(VaultCore core, Manifest parent, string stream, IReadOnlySet<Hash128> erased, StreamKeys keys, ForgottenGroups forgotten, Redactor redactor)
    {
        (_core, _parent, _stream, _state, _erased, _keys, _forgotten, _redactor) = (core, parent, stream, parent.Streams[stream], erased, keys, forgotten, redactor);
        _secrets = core.Secrets.Stream(parent.Source, stream);
    }

    public async Task<ErasedState> RewriteAsync(CancellationToken cancellation)
    {
        var touched = await TouchedAsync(cancellation);
        using var sections = new RowSections(_core, _parent.Source, _stream, _keys);
        var ranges = touched.Select(section => section.Table.Groups).Append(_keys.Newest.Groups).Min();
        foreach (var range in _forgotten.Groups.SelectMany(group => Forgotten.In(group, _forgotten.Of, ranges)).Distinct().Order())
            sections.Add(await RewriteAsync(touched, range, ranges, cancellation));

        var index = await _core.Indexes.GetAsync(_parent.Source, _stream, _parent, _state.VolatileFields, cancellation);
        var live = _erased.Count(hash => index.Find(hash) >= 0);
        var changes = new ChangeTable();
        foreach (var hash in _erased) changes.Set(hash, null, []);
        var left = new NextIndex(index, changes);
        var state = _state with { Live = left.Count, Root = left.Root, KeyEpoch = _keys.Number + 1, Sections = [.. _state.Sections.Select(section => Without(section, touched))] };
        return new ErasedState(state, left, sections.Finish(), new ErasedStream
        {
            Source = _parent.Source,
            Stream = _stream,
            Keys = _erased.Count,
            Records = _found.Count,
            Live = live,
            Versions = _redacted,
            Groups = _forgotten.Groups.Count,
            RewrittenVersions = _copied,
            Dictionaries = 0,
        });
    }

    /// <summary>The sections that hold blocks of the groups, and which.</summary>
    private async Task<List<Touched>> TouchedAsync(CancellationToken cancellation)
    {
        var touched = new List<Touched>();
        foreach (var reference in _state.Sections)
        {
            var table = await _core.Sections.GetTableAsync(reference, cancellation);
            var groups = Forgotten.GroupsOf([_forgotten], table.KeyEpoch, table.Groups).Except(reference.Without ?? []).ToHashSet();
            var blocks = Enumerable.Range(0, table.Blocks.Count).Where(block => groups.Contains(table.Blocks[block].Group)).ToList();
            if (blocks.Count > 0) touched.Add(new Touched(reference, table, blocks));
        }

        return touched;
    }

    private async Task<IEnumerable<StoredRow>> RewriteAsync(List<Touched> touched, int range, int ranges, CancellationToken cancellation)
    {
        // By record and snapshot: what is read later is newer, as for every reader.
        var rows = new Dictionary<(Hash128 Key, long Seq), StoredRow>();
        var newest = new Dictionary<Hash128, (long Seq, RecordOperation Operation)>();
        using var reader = new BlockReader();
        foreach (var section in touched)
        {
            foreach (var block in section.Blocks.Where(block => Forgotten.In(section.Table.Blocks[block].Group, section.Table.Groups, ranges).First() == range))
            {
                var blocks = await _core.Sections.ReadBlocksAsync(section.Reference, section.Table, block, 1, cancellation);
                foreach (var line in Block.LinesOf(blocks.Open(0, reader), blocks.EntryAt(0), section.Reference.Object))
                {
                    var keyHash = line.KeyHash ?? _secrets.HashKey(line.Key);
                    var seq = line.Seq ?? section.Reference.To;
                    rows[(keyHash, seq)] = _erased.Contains(keyHash) ? Redact(line, keyHash, seq, newest) : StoredRow.Of(line, keyHash, seq, saysSeq: true);
                }
            }
        }

        foreach (var (keyHash, (_, operation)) in newest)
        {
            _found.Add(keyHash);
            if (operation != RecordOperation.Erased) rows[(keyHash, _parent.Seq + 1)] = StoredRow.Erased(keyHash, _parent.Seq + 1, RecordOperation.Erased, null);
        }

        _copied += rows.Keys.Count(key => !_erased.Contains(key.Key));
        return rows.Values;
    }

    private StoredRow Redact(RecordLine line, Hash128 keyHash, long seq, Dictionary<Hash128, (long Seq, RecordOperation Operation)> newest)
    {
        if (!newest.TryGetValue(keyHash, out var known) || known.Seq <= seq) newest[keyHash] = (seq, line.Operation);
        if (line.Operation == RecordOperation.Put) _redacted++;
        return line.IsLive
            ? StoredRow.Erased(keyHash, seq, RecordOperation.Redacted, _redactor.Redact(line))
            : StoredRow.Erased(keyHash, seq, line.Operation, null);
    }

    private static SectionReference Without(SectionReference reference, List<Touched> touched)
    {
        var found = touched.Find(section => section.Reference == reference);
        return found is null ? reference : reference with { Without = [.. (reference.Without ?? []).Concat(found.Blocks.Select(block => found.Table.Blocks[block].Group)).Order()] };
    }

    private sealed record Touched(SectionReference Reference, SectionTable Table, IReadOnlyList<int> Blocks);
}
