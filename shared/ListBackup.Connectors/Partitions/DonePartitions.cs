using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;

namespace ListBackup.Connectors.Partitions;

/// <summary>
/// The partitions that a read has behind it, so that one that is resumed passes over just those, also when others came or went or stand in another order.
/// Kept as hashes; in a state, beyond <see cref="ListedMax"/>, only as their number and the hash of all in order.
/// </summary>
internal sealed class DonePartitions
{
    /// <summary>21 KiB of a state. A read of more partitions can still be resumed, as long as they come in the order in which they came before.</summary>
    public const int ListedMax = 2_000;

    private readonly HashSet<ulong> _known = [];
    private readonly List<ulong> _order = [];
    private readonly long _unlisted;
    private readonly ulong _unlistedHash;
    private Fnv _hash = new();

    public DonePartitions()
    {
    }

    private DonePartitions(long unlisted, ulong hash) => (_unlisted, _unlistedHash) = (unlisted, hash);

    /// <summary>True when only number and order of the partitions behind the read are known: those before the one it stopped in are passed over.</summary>
    public bool IsUnlisted => _unlisted > 0;

    /// <summary>True when those that were passed over are those that were read.</summary>
    public bool PassedTheSame => !IsUnlisted || (_order.Count == _unlisted && _hash.Value == _unlistedHash);

    public bool Contains(string key) => _known.Contains(HashOf(key));

    public void Add(string key)
    {
        var hash = HashOf(key);
        if (!_known.Add(hash))
            return;
        _order.Add(hash);
        _hash.Add(BitConverter.GetBytes(hash));
    }

    /// <summary>What stands now, for a state that is written later or never.</summary>
    public Snapshot Take() => new(_order, _order.Count, _hash.Value);

    public static DonePartitions Parse(Value value)
    {
        if (value is { Kind: ValueKind.List, List.Count: 2 } && value.List[0] is { IsSmallInteger: true, Long: > 0 } count && value.List[1].IsText)
            return new DonePartitions(count.Long, ulong.TryParse(value.List[1].Text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hash) ? hash : 0);

        var done = new DonePartitions();
        var bytes = new byte[ListedMax * sizeof(ulong)];
        if (!value.IsText || !Convert.TryFromBase64String(value.Text, bytes, out var length))
            return done;
        for (var at = 0; at + sizeof(ulong) <= length; at += sizeof(ulong))
        {
            var hash = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            if (!done._known.Add(hash))
                continue;
            done._order.Add(hash);
            done._hash.Add(BitConverter.GetBytes(hash));
        }

        return done;
    }

    public static ulong HashOf(string key) => Fnv.Of(Encoding.UTF8.GetBytes(key));

    /// <summary>The first so many of a list that only grows.</summary>
    internal readonly record struct Snapshot(List<ulong> Order, int Count, ulong Hash)
    {
        public Value ToValue()
        {
            if (Count == 0)
                return Value.None;
            if (Count > ListedMax)
                return Value.Of([Value.Of(Count), Value.Of(Hash.ToString("x", CultureInfo.InvariantCulture))]);

            var bytes = new byte[Count * sizeof(ulong)];
            for (var at = 0; at < Count; at++)
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at * sizeof(ulong)), Order[at]);

            return Value.Of(Convert.ToBase64String(bytes));
        }
    }
}
