using System.Buffers.Binary;

namespace ListBackup.Vault.Searching;

/// <summary>A term and the places of the records that have it, ascending; no places: too many to be of use.</summary>
internal readonly record struct TermPlaces(ReadOnlyMemory<byte> Term, ReadOnlyMemory<uint> Places)
{
    public bool IsCommon => Places.IsEmpty;
}

/// <summary>Terms in memory, until there are enough of them to be written as one sorted run. Places must arrive ascending.</summary>
internal sealed class TermTable(int commonFrom)
{
    private const int PairsMax = 768 * 1024;
    private const int TermBytesMax = 4 * 1024 * 1024;
    private const int SegmentPairs = 256 * 1024;

    private readonly List<(int Term, uint Place)[]> _pairs = [];
    private Entry[] _entries = new Entry[1024];
    private uint[] _places = [];
    private ulong[] _leading = [];
    private int[] _order = [];
    private int[] _slots = NewSlots(4096);
    private byte[] _bytes = new byte[64 * 1024];
    private int _byteCount;
    private int _pairCount;
    private int _count;

    public bool IsFull => _pairCount >= PairsMax || _byteCount >= TermBytesMax;

    public bool IsEmpty => _count == 0;

    public void Add(ReadOnlySpan<byte> term, uint place)
    {
        var number = Find(term); // may make the array a larger one
        ref var entry = ref _entries[number];
        if (entry.Count > 0 && entry.Last == place) return;
        entry.Last = place;
        if (++entry.Count > commonFrom) return;
        var at = _pairCount++;
        if (at / SegmentPairs == _pairs.Count) _pairs.Add(new (int, uint)[SegmentPairs]);
        _pairs[at / SegmentPairs][at % SegmentPairs] = (number, place);
    }

    /// <summary>The terms in the order of their bytes. Each is valid until the next is asked for.</summary>
    public IEnumerable<TermPlaces> InOrder()
    {
        var (starts, places) = PlacesByTerm();
        var sorted = SortedTerms();
        for (var i = 0; i < sorted.Length; i++)
        {
            var number = sorted.Span[i];
            var entry = _entries[number];
            yield return new TermPlaces(
                _bytes.AsMemory(entry.Offset, entry.Length),
                entry.Count > commonFrom ? default : places.AsMemory(starts[number], entry.Count));
        }
    }

    public void Clear()
    {
        (_byteCount, _pairCount, _count) = (0, 0, 0);
        Array.Fill(_slots, -1);
    }

    // A counting sort keeps each term's places in the order in which they came.
    private (int[] Starts, uint[] Places) PlacesByTerm()
    {
        var (starts, ends, sum) = (new int[_count], new int[_count], 0);
        for (var i = 0; i < _count; i++)
        {
            starts[i] = ends[i] = sum;
            sum += Math.Min(_entries[i].Count, commonFrom);
        }

        // Kept for the next run: large arrays are let go of late.
        if (_places.Length < sum) _places = new uint[sum];
        var places = _places;
        for (var i = 0; i < _pairCount; i++)
        {
            var (term, place) = _pairs[i / SegmentPairs][i % SegmentPairs];
            places[ends[term]++] = place;
        }

        return (starts, places);
    }

    private ReadOnlyMemory<int> SortedTerms()
    {
        if (_order.Length < _count) (_leading, _order) = (new ulong[_entries.Length], new int[_entries.Length]);
        var (leading, order) = (_leading, _order);
        for (var i = 0; i < _count; i++) (leading[i], order[i]) = (Leading(TermOf(i)), i);
        Array.Sort(leading, order, 0, _count);
        for (var start = 0; start < _count;)
        {
            var end = start + 1;
            while (end < _count && leading[end] == leading[start]) end++;
            if (end - start > 1) order.AsSpan(start, end - start).Sort((left, right) => TermOf(left).SequenceCompareTo(TermOf(right)));
            start = end;
        }

        return order.AsMemory(0, _count);
    }

    private static ulong Leading(ReadOnlySpan<byte> term)
    {
        Span<byte> first = stackalloc byte[8];
        first.Clear();
        term[..Math.Min(8, term.Length)].CopyTo(first);
        return BinaryPrimitives.ReadUInt64BigEndian(first);
    }

    private ReadOnlySpan<byte> TermOf(int number) => _bytes.AsSpan(_entries[number].Offset, _entries[number].Length);

    private int Find(ReadOnlySpan<byte> term)
    {
        var hash = new HashCode();
        hash.AddBytes(term);
        var code = hash.ToHashCode();
        for (var slot = code & (_slots.Length - 1); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var number = _slots[slot];
            if (number < 0) return Insert(term, code, slot);
            if (_entries[number].Hash == code && TermOf(number).SequenceEqual(term)) return number;
        }
    }

    private int Insert(ReadOnlySpan<byte> term, int hash, int slot)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
        while (_byteCount + term.Length > _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        term.CopyTo(_bytes.AsSpan(_byteCount));
        _entries[_count] = new Entry { Offset = _byteCount, Length = term.Length, Hash = hash };
        _byteCount += term.Length;
        _slots[slot] = _count++;
        if (_count * 2 > _slots.Length) Rehash();
        return _count - 1;
    }

    private void Rehash()
    {
        _slots = NewSlots(_slots.Length * 2);
        for (var i = 0; i < _count; i++)
        {
            var slot = _entries[i].Hash & (_slots.Length - 1);
            while (_slots[slot] >= 0) slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = i;
        }
    }

    private static int[] NewSlots(int length)
    {
        var slots = new int[length];
        Array.Fill(slots, -1);
        return slots;
    }

    private struct Entry
    {
        public int Offset;
        public int Length;
        public int Hash;
        public int Count;
        public uint Last;
    }
}
