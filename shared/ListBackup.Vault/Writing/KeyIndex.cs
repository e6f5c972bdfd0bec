using System.Buffers.Binary;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// The live records of a stream as hashes: what an arriving record is compared with. Immutable. Kept under x/ as a <see cref="KeyIndexFile"/>, but never trusted
/// from there: its state root must be the manifest's.
/// </summary>
/// <remarks>
/// With a million records it takes some 50 MB, so it is one array without an object for each record: the pairs (key hash, record hash) as the state root hashes them,
/// where each key ends, the keys. The index of the next snapshot is not made beside it: <see cref="NextIndex"/> goes from the one to the other record by record.
/// </remarks>
internal sealed class KeyIndex
{
    private const int EntryByteCount = StateRoot.PairByteCount + 4;
    private readonly byte[] _bytes;

    private KeyIndex(byte[] bytes, int count)
    {
        (_bytes, Count) = (bytes, count);
        Root = StateRoot.Of(Pairs);
    }

    public static KeyIndex Empty { get; } = new([], 0);

    public int Count { get; }

    /// <summary>Bytes that it takes.</summary>
    public long ByteCount => _bytes.Length;

    /// <summary>Bytes of all keys.</summary>
    public int KeyByteCount => Keys.Length;

    /// <summary>State root of these records.</summary>
    public string Root { get; }

    private ReadOnlySpan<byte> Pairs => _bytes.AsSpan(0, Count * StateRoot.PairByteCount);

    private ReadOnlySpan<byte> Keys => _bytes.AsSpan(Count * EntryByteCount);

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

    private int KeyEnd(int position) => position < 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan((Count * StateRoot.PairByteCount) + (position * 4)));

    /// <summary>Builds an index from exactly so many entries, in the order of their key hashes, and bytes of keys.</summary>
    internal sealed class Builder
    {
        private readonly byte[] _bytes;
        private readonly int _count;
        private readonly int _keysStart;
        private int _added;
        private int _keyEnd;

        /// <exception cref="OverflowException">It would take more than 2 GiB.</exception>
        public Builder(int count, int keyBytes)
        {
            _count = count;
            _keysStart = checked(count * EntryByteCount);
            _bytes = GC.AllocateUninitializedArray<byte>(checked(_keysStart + keyBytes));
        }

        public void Add(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> key)
        {
            pair.CopyTo(_bytes.AsSpan(_added * StateRoot.PairByteCount));
            key.CopyTo(_bytes.AsSpan(_keysStart + _keyEnd));
            _keyEnd += key.Length;
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan((_count * StateRoot.PairByteCount) + (_added * 4)), _keyEnd);
            _added++;
        }

        /// <summary>The index; null when there were fewer entries or bytes of keys.</summary>
        public KeyIndex? Build() => _added == _count && _keysStart + _keyEnd == _bytes.Length ? new KeyIndex(_bytes, _count) : null;
    }
}
