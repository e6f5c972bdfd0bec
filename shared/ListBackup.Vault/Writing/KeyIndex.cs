using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// The live records of a stream as hashes: what an arriving record is compared with. Immutable. Kept under x/ sealed, but never trusted
/// from there: its state root must be the manifest's.
/// </summary>
internal sealed class KeyIndex
{
    private const int FormatVersion = 1;
    private readonly Hash128[] _keyHashes;
    private readonly Hash128[] _recordHashes;
    private readonly int[] _keyEnds;
    private readonly byte[] _keys;

    private KeyIndex(Hash128[] keyHashes, Hash128[] recordHashes, int[] keyEnds, byte[] keys)
    {
        _keyHashes = keyHashes;
        _recordHashes = recordHashes;
        _keyEnds = keyEnds;
        _keys = keys;
        Root = StateRoot.Of(keyHashes, recordHashes);
    }

    public static KeyIndex Empty { get; } = new([], [], [], []);

    public int Count => _keyHashes.Length;

    /// <summary>State root of these records.</summary>
    public string Root { get; }

    public Hash128 KeyHashAt(int position) => _keyHashes[position];

    public Hash128 RecordHashAt(int position) => _recordHashes[position];

    public ReadOnlySpan<byte> KeyAt(int position)
    {
        var start = position == 0 ? 0 : _keyEnds[position - 1];
        return _keys.AsSpan(start, _keyEnds[position] - start);
    }

    /// <summary>What leads from a record to <see cref="Root"/>.</summary>
    public StateProof Prove(int position) => StateRoot.Prove(_keyHashes, _recordHashes, position);

    /// <summary>Where the key is; negative when it is not live.</summary>
    public int Find(Hash128 keyHash)
    {
        // Hashes are uniform: the place is guessed, then searched around.
        var (low, high) = (0, _keyHashes.Length - 1);
        for (var guesses = 0; low <= high && guesses < 4; guesses++)
        {
            var (from, to) = (_keyHashes[low].High, _keyHashes[high].High);
            if (keyHash.High < from || keyHash.High > to) return -1;
            var place = to == from ? low : low + (int)((high - low) * ((double)(keyHash.High - from) / (to - from)));
            var order = _keyHashes[place].CompareTo(keyHash);
            if (order == 0) return place;
            if (order < 0) low = place + 1;
            else high = place - 1;
        }

        return low <= high && Array.BinarySearch(_keyHashes, low, high - low + 1, keyHash) is >= 0 and var found ? found : -1;
    }

    /// <summary>This index with changes applied.</summary>
    public KeyIndex With(ChangeTable changes)
    {
        var order = changes.InOrder();
        var builder = new Builder(CountWith(changes), checked((int)(_keys.Length + changes.KeyBytes)));
        var position = 0;
        foreach (var ordinal in order)
        {
            var keyHash = changes.KeyHashAt(ordinal);
            for (; position < Count && _keyHashes[position].CompareTo(keyHash) < 0; position++)
                builder.Add(_keyHashes[position], _recordHashes[position], KeyAt(position));
            if (position < Count && _keyHashes[position] == keyHash) position++;
            if (changes.RecordHashAt(ordinal) is { } recordHash) builder.Add(keyHash, recordHash, changes.KeyAt(ordinal));
        }

        for (; position < Count; position++) builder.Add(_keyHashes[position], _recordHashes[position], KeyAt(position));
        return builder.Build();
    }

    /// <summary>Sealed, in one buffer.</summary>
    public byte[] WriteSealed(ReadOnlySpan<byte> key, string purpose)
    {
        var box = new byte[Sealed.OverheadByteCount + 8 + (Count * (StateRoot.PairByteCount + 4)) + _keys.Length];
        var rest = box.AsSpan(Sealed.SaltByteCount);
        BinaryPrimitives.WriteInt32LittleEndian(rest, FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], Count);
        rest = rest[8..];
        foreach (var hash in _keyHashes) WriteHash(hash, ref rest);
        foreach (var hash in _recordHashes) WriteHash(hash, ref rest);
        foreach (var end in _keyEnds)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, end);
            rest = rest[4..];
        }

        _keys.CopyTo(rest);
        Sealed.Close(key, purpose, box);
        return box;
    }

    /// <summary>Reads what <see cref="WriteSealed"/> sealed, once opened; null when it is of another version or malformed (the caller rebuilds).</summary>
    public static KeyIndex? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || BinaryPrimitives.ReadInt32LittleEndian(bytes) != FormatVersion) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var rest = bytes[8..];
        if (count < 0 || rest.Length < count * (long)(StateRoot.PairByteCount + 4)) return null;
        var (keyHashes, recordHashes, keyEnds) = (new Hash128[count], new Hash128[count], new int[count]);
        for (var i = 0; i < count; i++) keyHashes[i] = ReadHash(ref rest);
        for (var i = 0; i < count; i++) recordHashes[i] = ReadHash(ref rest);
        MemoryMarshal.Cast<byte, int>(rest[..(count * 4)]).CopyTo(keyEnds);
        var keys = rest[(count * 4)..].ToArray();
        return count > 0 && keyEnds[^1] != keys.Length ? null : new KeyIndex(keyHashes, recordHashes, keyEnds, keys);
    }

    private int CountWith(ChangeTable changes)
    {
        var count = Count;
        for (var i = 0; i < changes.Count; i++)
        {
            var isLive = Find(changes.KeyHashAt(i)) >= 0;
            if (changes.RecordHashAt(i) is not null && !isLive) count++;
            if (changes.RecordHashAt(i) is null && isLive) count--;
        }

        return count;
    }

    private static void WriteHash(Hash128 hash, ref Span<byte> rest)
    {
        hash.Write(rest);
        rest = rest[Hash128.ByteCount..];
    }

    private static Hash128 ReadHash(ref ReadOnlySpan<byte> rest)
    {
        var hash = Hash128.Read(rest);
        rest = rest[Hash128.ByteCount..];
        return hash;
    }

    /// <summary>Builds an index from exactly so many entries, in the order of their key hashes.</summary>
    internal sealed class Builder(int count, int keyCapacity)
    {
        private readonly Hash128[] _keyHashes = new Hash128[count];
        private readonly Hash128[] _recordHashes = new Hash128[count];
        private readonly int[] _keyEnds = new int[count];
        private readonly BlockBuffer _keys = new(Math.Max(keyCapacity, 256));
        private int _added;

        public void Add(Hash128 keyHash, Hash128 recordHash, ReadOnlySpan<byte> key)
        {
            _keys.Append(key);
            (_keyHashes[_added], _recordHashes[_added], _keyEnds[_added]) = (keyHash, recordHash, _keys.Length);
            _added++;
        }

        public KeyIndex Build() => _added == _keyHashes.Length
            ? new KeyIndex(_keyHashes, _recordHashes, _keyEnds, _keys.Written.ToArray())
            : throw new System.Diagnostics.UnreachableException($"{_added} entries were added of {_keyHashes.Length}.");
    }
}
