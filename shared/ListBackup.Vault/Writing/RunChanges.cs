using System.Runtime.InteropServices;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>What a run changed so far, by key hash: the last word on each key, and which words no draft has yet.</summary>
internal sealed class RunChanges
{
    private const int NoPlace = -1;

    private readonly Dictionary<Hash128, Change> _changes = [];
    private readonly BlockBuffer _keys = new();
    private List<Hash128> _unsaved = [];
    private int _generation;

    public int Count => _changes.Count;

    /// <summary>The last word on a key; a null hash is a delete.</summary>
    public bool TryGet(Hash128 keyHash, out Change change) => _changes.TryGetValue(keyHash, out change);

    /// <summary>Where the key's row is in the section that is being filled; null when it is not there.</summary>
    public int? PlaceInSection(Hash128 keyHash) =>
        _changes.TryGetValue(keyHash, out var change) && change.Generation == _generation && change.Place != NoPlace ? change.Place : null;

    public void Set(Hash128 keyHash, Hash128? recordHash, ReadOnlySpan<byte> key, int place)
    {
        ref var change = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, keyHash, out var exists);
        if (!exists)
        {
            (change.KeyStart, change.KeyLength) = (_keys.Length, key.Length);
            _keys.Append(key);
        }

        if (!exists || change.IsSaved) _unsaved.Add(keyHash);
        (change.HasHash, change.Hash, change.Place, change.Generation, change.IsSaved) = (recordHash is not null, recordHash ?? default, place, _generation, false);
    }

    /// <summary>The section was built; places in it mean nothing any more.</summary>
    public void ForgetPlaces() => _generation++;

    public IReadOnlyList<DraftEntry> Unsaved()
    {
        var entries = new DraftEntry[_unsaved.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var change = _changes[_unsaved[i]];
            entries[i] = new DraftEntry(_unsaved[i], change.RecordHash, _keys.WrittenMemory.Slice(change.KeyStart, change.KeyLength));
        }

        return entries;
    }

    public void MarkSaved()
    {
        foreach (var keyHash in _unsaved) CollectionsMarshal.GetValueRefOrNullRef(_changes, keyHash).IsSaved = true;
        _unsaved = [];
    }

    /// <summary>Takes over the entries of a draft part, as saved.</summary>
    public void Restore(IReadOnlyList<DraftEntry> entries)
    {
        foreach (var entry in entries) Set(entry.KeyHash, entry.RecordHash, entry.Key.Span, NoPlace);
        MarkSaved();
    }

    internal struct Change
    {
        public Hash128 Hash;
        public int KeyStart;
        public int KeyLength;
        public int Place;
        public int Generation;
        public bool HasHash;
        public bool IsSaved;

        public readonly Hash128? RecordHash => HasHash ? Hash : null;
    }
}
