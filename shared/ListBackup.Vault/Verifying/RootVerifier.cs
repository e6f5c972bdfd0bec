using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Verifying;

/// <summary>A state of a stream whose root is to be computed again.</summary>
/// <param name="View">How the source is read.</param>
/// <param name="Manifest">The snapshot whose state it is.</param>
/// <param name="State">What its manifest says of the stream.</param>
internal sealed record StateToProve(SourceView View, Manifest Manifest, StreamState State);

/// <summary>What a reading of a stream found. Every line that it read is whole and in its place; otherwise there is none.</summary>
/// <param name="Wrong">The states that restore to other records than their manifests name.</param>
/// <param name="Sections">What was read, but for the blocks that nobody may read.</param>
/// <param name="Attachments">What the lines name, by name.</param>
/// <param name="Blocks">Blocks opened.</param>
/// <param name="Versions">Lines read.</param>
internal sealed record StreamReading(
    IReadOnlyList<StateToProve> Wrong, IReadOnlyList<SectionReference> Sections, IReadOnlyDictionary<string, Attachment> Attachments, long Blocks, long Versions)
{
    /// <summary>Bytes of the blocks.</summary>
    public long Bytes => Sections.Sum(section => section.Bytes);
}

/// <summary>
/// Checks every line of a stream and computes the roots of many of its states (V2 and V3) in one reading: each block is opened once, each version hashed once,
/// and every state takes of each key the newest version that it may see. Memory is some windows of groups and one leaf for each state.
/// </summary>
internal sealed class RootVerifier(VaultCore core, string source, string stream)
{
    private readonly StreamSecrets _secrets = core.Secrets.Stream(source, stream);
    private readonly Dictionary<string, HashColumn> _columns = new(StringComparer.Ordinal);
    private readonly List<Proof> _proofs = [];
    private readonly List<Version> _versions = [];
    private readonly Dictionary<string, Attachment> _attachments = new(StringComparer.Ordinal);
    private long _blocksRead, _versionsRead;

    /// <exception cref="VaultException">Something is damaged.</exception>
    /// <exception cref="System.Text.Json.JsonException">So is a record.</exception>
    public async Task<StreamReading> VerifyAsync(IReadOnlyList<StateToProve> states, CancellationToken cancellation)
    {
        _proofs.AddRange(states.Select(state => new Proof(state, ColumnOf(state.State.VolatileFields))));
        // The newest state's sections are those of all others and more.
        var newest = states.MaxBy(state => state.Manifest.Seq)!;
        var view = newest.View.Get(newest.Manifest, stream);
        var reader = await GroupReader.OpenAsync(core, view, cancellation);
        await foreach (var group in reader.ReadStoredAsync(0, _ => true, cancellation))
        {
            ReadLines(group);
            AddToRoots();
        }

        return new StreamReading([.. _proofs.Where(proof => !proof.Holds()).Select(proof => proof.State)], view.Sections, _attachments, _blocksRead, _versionsRead);
    }

    private HashColumn ColumnOf(IReadOnlyList<string> volatileFields)
    {
        var id = RedactedHashes.IdOf(volatileFields);
        return _columns.TryGetValue(id, out var column) ? column : _columns[id] = new HashColumn(new LiveHasher(_secrets, volatileFields));
    }

    private void ReadLines(StoredGroup group)
    {
        _versions.Clear();
        foreach (var column in _columns.Values) column.Hashes.Clear();
        _blocksRead += group.BlockCount;
        foreach (var (block, (line, seq)) in group.ReadPassing())
        {
            var keyHash = LinePlace.Check(line, block.Entry, block.Table, _secrets, block.Section.Object);
            foreach (var attachment in line.Attachments) _attachments.TryAdd(attachment.Name, attachment);
            // Hashed whether or not a state sees it: that is also what finds a malformed record.
            foreach (var column in _columns.Values) column.Hashes.Add(column.Hasher.HashOf(line) ?? default);
            _versions.Add(new Version(keyHash, seq, _versions.Count, line.IsLive));
        }

        _versionsRead += _versions.Count;
        _versions.Sort();
    }

    private void AddToRoots()
    {
        for (int start = 0, end; start < _versions.Count; start = end)
        {
            for (end = start + 1; end < _versions.Count && _versions[end].KeyHash == _versions[start].KeyHash;) end++;
            foreach (var proof in _proofs)
            {
                var newest = end - 1;
                while (newest >= start && _versions[newest].Seq > proof.State.Manifest.Seq) newest--;
                if (newest >= start && _versions[newest].IsLive) proof.Root.Add(_versions[newest].KeyHash, proof.Column.Hashes[_versions[newest].Ordinal]);
            }
        }
    }

    private sealed record Proof(StateToProve State, HashColumn Column)
    {
        public StateRoot.Builder Root { get; } = new(State.State.Live);

        public bool Holds() => Root.Finish() == State.State.Root;
    }

    /// <summary>The record hashes of a group's versions under one list of volatile fields, by the versions' ordinals; states rarely differ in it.</summary>
    private sealed record HashColumn(LiveHasher Hasher)
    {
        public List<Hash128> Hashes { get; } = [];
    }

    /// <summary>Ordered by key, and each key's from old to new: of equal seqs the later in the list counts.</summary>
    private readonly record struct Version(Hash128 KeyHash, long Seq, int Ordinal, bool IsLive) : IComparable<Version>
    {
        public int CompareTo(Version other)
        {
            var byKey = KeyHash.CompareTo(other.KeyHash);
            if (byKey != 0) return byKey;
            return Seq != other.Seq ? Seq.CompareTo(other.Seq) : Ordinal.CompareTo(other.Ordinal);
        }
    }
}
