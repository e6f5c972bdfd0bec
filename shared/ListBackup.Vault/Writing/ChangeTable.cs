using System.Numerics;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// The last word of a run on each key that it changed, by key hash, in the order of first mention. Made for millions: flat arrays in
/// pieces, no object for each entry, no doubling of what is large.
/// </summary>
internal sealed class ChangeTable
{
    private const int ChunkBits = 14;
    private const int ChunkLength = 1 << ChunkBits;

    private const int KeyChunkBits = 16;
    private const int KeyChunkBytes = 1 << KeyChunkBits;

    private readonly List<Entry[]> _chunks = [];
    private readonly List<byte[]> _keyChunks = [];
    private int _keysEnd;
    private readonly HashSet<int> _savedAndChanged = [];
    private int[] _slots = new int[64];
    private int _saved;

    public int Count { get; private set; }

    /// <summary>True when the key was mentioned; a null hash is a delete.</summary>
    public bool TryGet(Hash128 keyHash, out Hash128? recordHash)
    {
        var ordinal = _slots[SlotOf(keyHash)] - 1;
        recordHash = ordinal < 0 ? null : RecordHashAt(ordinal);
        return ordinal >= 0;
    }

    public void Set(Hash128 keyHash, Hash128? recordHash, ReadOnlySpan<byte> key)
    {
        if (Count * 2 >= _slots.Length) Grow();
        var slot = SlotOf(keyHash);
        if (_slots[slot] == 0)
        {
            if (Count == _chunks.Count << ChunkBits) _chunks.Add(new Entry[ChunkLength]);
            EntryAt(Count) = new Entry { KeyHash = keyHash, KeyStart = AddKey(key), KeyLength = (ushort)key.Length };
            _slots[slot] = ++Count;
        }

        var ordinal = _slots[slot] - 1;
        if (ordinal < _saved) _savedAndChanged.Add(ordinal);
        ref var entry = ref EntryAt(ordinal);
        (entry.RecordHash, entry.HasHash) = (recordHash ?? default, recordHash is not null);
    }

    public Hash128 KeyHashAt(int ordinal) => EntryAt(ordinal).KeyHash;

    public Hash128? RecordHashAt(int ordinal) => EntryAt(ordinal) is { HasHash: true } entry ? entry.RecordHash : null;

    public ReadOnlySpan<byte> KeyAt(int ordinal)
    {
        ref var entry = ref EntryAt(ordinal);
        return entry.KeyLength == 0 ? [] : _keyChunks[entry.KeyStart >> KeyChunkBits].AsSpan(entry.KeyStart & (KeyChunkBytes - 1), entry.KeyLength);
    }

    /// <summary>Entries that no draft has in their present form.</summary>
    public IEnumerable<int> Unsaved() => _savedAndChanged.Concat(Enumerable.Range(_saved, Count - _saved));

    public int UnsavedCount => _savedAndChanged.Count + Count - _saved;

    public void MarkSaved()
    {
        _saved = Count;
        _savedAndChanged.Clear();
    }

    /// <summary>Applies these changes to others.</summary>
    public void ReplayInto(ChangeTable others)
    {
        for (var i = 0; i < Count; i++) others.Set(KeyHashAt(i), RecordHashAt(i), KeyAt(i));
    }

    /// <summary>Ordinals in the order of key hashes.</summary>
    public int[] InOrder()
    {
        var (order, leading) = (new int[Count], new ulong[Count]);
        for (var i = 0; i < Count; i++) (order[i], leading[i]) = (i, KeyHashAt(i).High);
        Array.Sort(leading, order);
        // Half a hash decides but for an accident in 10 million million.
        for (var i = 1; i < Count; i++)
        {
            for (var j = i; j > 0 && KeyHashAt(order[j - 1]).CompareTo(KeyHashAt(order[j])) > 0; j--) (order[j - 1], order[j]) = (order[j], order[j - 1]);
        }

        return order;
    }

    private ref Entry EntryAt(int ordinal) => ref _chunks[ordinal >> ChunkBits][ordinal & (ChunkLength - 1)];

    /// <summary>A key lies in one chunk.</summary>
    private int AddKey(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return 0;
        var room = (_keyChunks.Count << KeyChunkBits) - _keysEnd;
        if (key.Length > room)
        {
            _keysEnd = _keyChunks.Count << KeyChunkBits;
            _keyChunks.Add(new byte[KeyChunkBytes]);
        }

        var start = _keysEnd;
        key.CopyTo(_keyChunks[start >> KeyChunkBits].AsSpan(start & (KeyChunkBytes - 1)));
        _keysEnd = checked(_keysEnd + key.Length);
        return start;
    }

    private int SlotOf(Hash128 keyHash)
    {
        // The hash is uniform: its low bits are the place, its neighbours the way out of a collision.
        var mask = _slots.Length - 1;
        var slot = (int)keyHash.Low & mask;
        while (_slots[slot] != 0 && EntryAt(_slots[slot] - 1).KeyHash != keyHash) slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        _slots = new int[(int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length * 2)];
        for (var i = 0; i < Count; i++) _slots[SlotOf(KeyHashAt(i))] = i + 1;
    }

    private struct Entry
    {
        public Hash128 KeyHash;
        public Hash128 RecordHash;
        public int KeyStart;
        public ushort KeyLength;
        public bool HasHash;
    }
}
