using System.Diagnostics;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// A key index with a run's changes applied, as long as nobody needs it in one piece: its size and state root for the manifest, and its records in order for the
/// store. With a million records that spares a second array of 50 MB.
/// </summary>
internal sealed class NextIndex
{
    private readonly KeyIndex _earlier;
    private readonly ChangeTable _changes;
    private readonly int[] _order;

    /// <param name="earlier">The index before.</param>
    /// <param name="changes">What changes; nothing is added to it from here on.</param>
    public NextIndex(KeyIndex earlier, ChangeTable changes)
    {
        (_earlier, _changes, _order) = (earlier, changes, changes.InOrder());
        (Count, KeyByteCount) = Sizes();
        var root = new StateRoot.Builder(Count);
        for (var records = Records(); records.MoveNext();) root.Add(records.KeyHash, records.RecordHash);
        Root = root.Finish() ?? throw new UnreachableException("As many records were counted.");
    }

    public int Count { get; }

    /// <summary>Bytes of all keys.</summary>
    public int KeyByteCount { get; }

    /// <summary>State root of these records.</summary>
    public string Root { get; }

    /// <summary>The records in the order of their key hashes.</summary>
    public Cursor Records() => new(this);

    /// <summary>The index in one piece.</summary>
    public KeyIndex Build()
    {
        var builder = new KeyIndex.Builder(Count, KeyByteCount);
        Span<byte> pair = stackalloc byte[StateRoot.PairByteCount];
        for (var records = Records(); records.MoveNext();)
        {
            records.WritePair(pair);
            builder.Add(pair, records.Key);
        }

        return builder.Build() ?? throw new UnreachableException("As many records and bytes were counted.");
    }

    private (int Count, int KeyBytes) Sizes()
    {
        var (count, keyBytes) = (_earlier.Count, (long)_earlier.KeyByteCount);
        for (var i = 0; i < _changes.Count; i++)
        {
            if (_earlier.Find(_changes.KeyHashAt(i)) is >= 0 and var position)
            {
                count--;
                keyBytes -= _earlier.KeyAt(position).Length;
            }

            if (_changes.RecordHashAt(i) is null) continue;
            count++;
            keyBytes += _changes.KeyAt(i).Length;
        }

        return (count, checked((int)keyBytes));
    }

    /// <summary>Goes through the records once.</summary>
    internal sealed class Cursor(NextIndex index)
    {
        private int _position = -1;
        private int _place;
        private bool _isChanged;

        public Hash128 KeyHash => _isChanged ? index._changes.KeyHashAt(index._order[_place - 1]) : index._earlier.KeyHashAt(_position);

        public Hash128 RecordHash => _isChanged ? index._changes.RecordHashAt(index._order[_place - 1])!.Value : index._earlier.RecordHashAt(_position); // What went is passed over.

        public ReadOnlySpan<byte> Key => _isChanged ? index._changes.KeyAt(index._order[_place - 1]) : index._earlier.KeyAt(_position);

        public void WritePair(Span<byte> pair)
        {
            KeyHash.Write(pair);
            RecordHash.Write(pair[Hash128.ByteCount..]);
        }

        public bool MoveNext()
        {
            if (!_isChanged) _position++;
            while (_place < index._order.Length)
            {
                var changed = index._changes.KeyHashAt(index._order[_place]);
                var order = _position < index._earlier.Count ? index._earlier.KeyHashAt(_position).CompareTo(changed) : 1;
                if (order < 0) break;
                if (order == 0) _position++;
                _place++;
                if (index._changes.RecordHashAt(index._order[_place - 1]) is null) continue;
                return _isChanged = true;
            }

            _isChanged = false;
            return _position < index._earlier.Count;
        }
    }
}
