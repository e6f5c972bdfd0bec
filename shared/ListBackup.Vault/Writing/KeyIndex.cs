using System.Buffers.Binary;
using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// The live records of a stream as hashes: what an arriving record is compared with. Immutable. Kept under x/ sealed, but never trusted
/// from there: its state root must be the manifest's.
/// </summary>
/// <remarks>
/// With a million records it takes some 50 MB, so it lies in memory as it lies in the store, in one array: room for the salt, version, count, the pairs (key hash, record
/// hash) as the state root hashes them, where each key ends, the keys, room for the tag. It is opened, searched, and sealed where it is.
/// </remarks>
internal sealed class KeyIndex
{
    private const int FormatVersion = 2;
    private const int HeadByteCount = 8;
    private const int EntryByteCount = StateRoot.PairByteCount + 4;
    private readonly byte[] _box;

    private KeyIndex(byte[] box)
    {
        _box = box;
        Count = BinaryPrimitives.ReadInt32LittleEndian(Plain[4..]);
        Root = StateRoot.Of(Pairs);
    }

    public static KeyIndex Empty { get; } = new Builder(0, 0).Build();

    public int Count { get; }

    /// <summary>Bytes that it takes.</summary>
    public long ByteCount => _box.Length;

    /// <summary>State root of these records.</summary>
    public string Root { get; }

    private ReadOnlySpan<byte> Plain => _box.AsSpan(Sealed.SaltByteCount..^Gcm.TagByteCount);

    private ReadOnlySpan<byte> Pairs => Plain.Slice(HeadByteCount, Count * StateRoot.PairByteCount);

    private ReadOnlySpan<byte> Keys => Plain[(HeadByteCount + (Count * EntryByteCount))..];

    public Hash128 KeyHashAt(int position) => Hash128.Read(Pairs[(position * StateRoot.PairByteCount)..]);

    public Hash128 RecordHashAt(int position) => Hash128.Read(Pairs[((position * StateRoot.PairByteCount) + Hash128.ByteCount)..]);

    public ReadOnlySpan<byte> KeyAt(int position) => Keys[KeyEnd(position - 1)..KeyEnd(position)];

    /// <summary>What leads from a record to <see cref="Root"/>.</summary>
    public StateProof Prove(int position) => StateRoot.Prove(Pairs, position);

    /// <summary>Where the key is; negative when it is not live.</summary>
    public int Find(Hash128 keyHash)
    {
        // Hashes are uniform: the place is guessed, then searched around.
        var (low, high) = (0, Count - 1);
        for (var guesses = 0; low <= high; guesses++)
        {
            var place = (low + high) / 2;
            if (guesses < 4)
            {
                var (from, to) = (KeyHashAt(low).High, KeyHashAt(high).High);
                if (keyHash.High < from || keyHash.High > to) return -1;
                place = to == from ? low : low + (int)((high - low) * ((double)(keyHash.High - from) / (to - from)));
            }

            var order = KeyHashAt(place).CompareTo(keyHash);
            if (order == 0) return place;
            if (order < 0) low = place + 1;
            else high = place - 1;
        }

        return -1;
    }

    /// <summary>Another index: this one with changes applied.</summary>
    public KeyIndex With(ChangeTable changes)
    {
        var order = changes.InOrder();
        var (count, keyBytes) = SizeWith(changes);
        var builder = new Builder(count, keyBytes);
        var position = 0;
        foreach (var ordinal in order)
        {
            var keyHash = changes.KeyHashAt(ordinal);
            for (; position < Count && KeyHashAt(position).CompareTo(keyHash) < 0; position++) builder.Add(Pair(position), KeyAt(position));
            if (position < Count && KeyHashAt(position) == keyHash) position++;
            if (changes.RecordHashAt(ordinal) is { } recordHash) builder.Add(keyHash, recordHash, changes.KeyAt(ordinal));
        }

        for (; position < Count; position++) builder.Add(Pair(position), KeyAt(position));
        return builder.Build();
    }

    /// <summary>
    /// Seals the index where it lies, for as long as the action takes. Nobody else may know the index then. When the action fails the index stays sealed and is of no
    /// more use: a request that was given up may still be sending these bytes.
    /// </summary>
    public async Task WhileSealedAsync(byte[] key, string purpose, Func<ReadOnlyMemory<byte>, Task> use)
    {
        Sealed.Close(key, purpose, _box);
        await use(_box);
        Sealed.Open(key, purpose, _box);
    }

    /// <summary>Opens a sealed index where it lies: the array is the index's from here on. Null when it is of another version or malformed (the caller rebuilds).</summary>
    /// <exception cref="CryptographicException">Another key, or damage.</exception>
    public static KeyIndex? Open(byte[] box, ReadOnlySpan<byte> key, string purpose)
    {
        var plain = Sealed.Open(key, purpose, box).Span;
        if (plain.Length < HeadByteCount || BinaryPrimitives.ReadInt32LittleEndian(plain) != FormatVersion) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(plain[4..]);
        var keysLength = plain.Length - HeadByteCount - (count * (long)EntryByteCount);
        if (count < 0 || keysLength < 0) return null;
        var index = new KeyIndex(box);
        return index.KeyEnd(count - 1) == keysLength ? index : null;
    }

    private ReadOnlySpan<byte> Pair(int position) => Pairs.Slice(position * StateRoot.PairByteCount, StateRoot.PairByteCount);

    private int KeyEnd(int position) => position < 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(Plain[(HeadByteCount + (Count * StateRoot.PairByteCount) + (position * 4))..]);

    private (int Count, int KeyBytes) SizeWith(ChangeTable changes)
    {
        var (count, keyBytes) = (Count, (long)Keys.Length);
        for (var i = 0; i < changes.Count; i++)
        {
            if (Find(changes.KeyHashAt(i)) is >= 0 and var position)
            {
                count--;
                keyBytes -= KeyAt(position).Length;
            }

            if (changes.RecordHashAt(i) is null) continue;
            count++;
            keyBytes += changes.KeyAt(i).Length;
        }

        return (count, checked((int)keyBytes));
    }

    /// <summary>Builds an index from exactly so many entries, in the order of their key hashes, and bytes of keys.</summary>
    private sealed class Builder
    {
        private readonly byte[] _box;
        private readonly int _count;
        private readonly int _keysStart;
        private int _added;
        private int _keyEnd;

        public Builder(int count, int keyBytes)
        {
            _count = count;
            _keysStart = checked(Sealed.SaltByteCount + HeadByteCount + (count * EntryByteCount));
            _box = GC.AllocateUninitializedArray<byte>(checked(_keysStart + keyBytes + Gcm.TagByteCount));
            BinaryPrimitives.WriteInt32LittleEndian(_box.AsSpan(Sealed.SaltByteCount), FormatVersion);
            BinaryPrimitives.WriteInt32LittleEndian(_box.AsSpan(Sealed.SaltByteCount + 4), count);
        }

        private int PairsStart => Sealed.SaltByteCount + HeadByteCount;

        public void Add(Hash128 keyHash, Hash128 recordHash, ReadOnlySpan<byte> key)
        {
            Span<byte> pair = stackalloc byte[StateRoot.PairByteCount];
            keyHash.Write(pair);
            recordHash.Write(pair[Hash128.ByteCount..]);
            Add(pair, key);
        }

        public void Add(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> key)
        {
            pair.CopyTo(_box.AsSpan(PairsStart + (_added * StateRoot.PairByteCount)));
            key.CopyTo(_box.AsSpan((_keysStart + _keyEnd)..^Gcm.TagByteCount));
            _keyEnd += key.Length;
            BinaryPrimitives.WriteInt32LittleEndian(_box.AsSpan(PairsStart + (_count * StateRoot.PairByteCount) + (_added * 4)), _keyEnd);
            _added++;
        }

        public KeyIndex Build() => _added == _count && _keysStart + _keyEnd + Gcm.TagByteCount == _box.Length
            ? new KeyIndex(_box)
            : throw new System.Diagnostics.UnreachableException($"{_added} entries with {_keyEnd} bytes of keys were added; {_count} were to come.");
    }
}
