using System.Security.Cryptography;

namespace ListBackup.Vault.Format;

/// <summary>
/// The Merkle root over a stream's live records (vault-format.md, "State roots"). It depends on the records alone, never on groups, keys or
/// segments: equal roots mean equal data.
/// </summary>
internal static class StateRoot
{
    /// <summary>Records per leaf, at most on average; decides how many leaves there are.</summary>
    private const int RecordsPerLeaf = 1_024;

    public const int PairByteCount = 2 * Hash128.ByteCount;

    /// <summary>The root of pairs (key hash, record hash), sorted by key hash without repetition; lower-case hex.</summary>
    public static string Of(ReadOnlySpan<Hash128> keyHashes, ReadOnlySpan<Hash128> recordHashes)
    {
        var builder = new Builder(keyHashes.Length);
        for (var i = 0; i < keyHashes.Length; i++) builder.Add(keyHashes[i], recordHashes[i]);
        return builder.Finish()!; // As many as expected.
    }

    /// <summary>As the other, of pairs that lie one behind the other.</summary>
    public static string Of(ReadOnlySpan<byte> pairs) => Top(Leaves(pairs), pairs.Length / PairByteCount);

    private static string Top(byte[][] level, long records)
    {
        while (level.Length > 1) level = [.. level.Chunk(2).Select(pair => SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        var count = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(count, records);
        return Convert.ToHexStringLower(SHA256.HashData([2, .. count, .. level[0]]));
    }

    /// <summary>What leads from one pair to the root.</summary>
    public static StateProof Prove(ReadOnlySpan<byte> pairs, int position)
    {
        var level = Leaves(pairs);
        var leaf = GroupAt(pairs, position, level.Length);
        var (start, end) = (position, position + 1);
        while (start > 0 && GroupAt(pairs, start - 1, level.Length) == leaf) start--;
        while (end * PairByteCount < pairs.Length && GroupAt(pairs, end, level.Length) == leaf) end++;
        var path = new List<byte[]>();
        for (var place = leaf; level.Length > 1; place /= 2)
        {
            path.Add(level[place ^ 1]);
            level = [.. level.Chunk(2).Select(pair => SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        }

        return new StateProof(leaf, position - start, pairs[(start * PairByteCount)..(end * PairByteCount)].ToArray(), path);
    }

    private static byte[][] Leaves(ReadOnlySpan<byte> pairs)
    {
        var leafCount = LeafCount(pairs.Length / PairByteCount);
        var level = new byte[leafCount][];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (start, count) = (0, pairs.Length / PairByteCount);
        for (var leaf = 0; leaf < leafCount; leaf++)
        {
            var end = start;
            while (end < count && GroupAt(pairs, end, leafCount) == leaf) end++;
            hash.AppendData([0]);
            hash.AppendData(pairs[(start * PairByteCount)..(end * PairByteCount)]);
            level[leaf] = hash.GetHashAndReset();
            start = end;
        }

        return level;
    }

    private static int GroupAt(ReadOnlySpan<byte> pairs, int position, int groups) => Hash128.Read(pairs[(position * PairByteCount)..]).Group(groups);

    private static int LeafCount(long records)
    {
        var leaves = 1;
        while (leaves * (long)RecordsPerLeaf < records) leaves *= 2;
        return leaves;
    }

    /// <summary>The root of pairs that come one by one in the order of their key hashes; holds one leaf's pairs and 32 bytes for each leaf.</summary>
    /// <param name="expected">How many pairs there should be; decides the leaves. If others come, there is no root.</param>
    internal sealed class Builder(long expected)
    {
        private readonly byte[][] _leaves = new byte[LeafCount(expected)][];
        private byte[] _pairs = new byte[1 + (2 * RecordsPerLeaf * PairByteCount)];
        private int _length = 1;
        private int _leaf;

        /// <summary>Pairs so far.</summary>
        public long Count { get; private set; }

        public void Add(Hash128 keyHash, Hash128 recordHash)
        {
            EndLeavesBefore(keyHash.Group(_leaves.Length));
            if (_length + PairByteCount > _pairs.Length) Array.Resize(ref _pairs, _pairs.Length * 2);
            keyHash.Write(_pairs.AsSpan(_length));
            recordHash.Write(_pairs.AsSpan(_length + Hash128.ByteCount));
            _length += PairByteCount;
            Count++;
        }

        /// <summary>The root; null when there were more or fewer pairs than expected.</summary>
        public string? Finish()
        {
            if (Count != expected) return null;
            EndLeavesBefore(_leaves.Length);
            return Top(_leaves, Count);
        }

        private void EndLeavesBefore(int leaf)
        {
            for (; _leaf < leaf; _leaf++)
            {
                _leaves[_leaf] = SHA256.HashData(_pairs.AsSpan(0, _length));
                _length = 1;
            }
        }
    }
}

/// <summary>The leaf in which a pair is, and the way from it to the top.</summary>
/// <param name="Leaf">Number of the leaf.</param>
/// <param name="Pair">Position of the pair in it.</param>
/// <param name="Pairs">All pairs of the leaf.</param>
/// <param name="Path">Sibling hashes, from the bottom up.</param>
internal sealed record StateProof(int Leaf, int Pair, byte[] Pairs, IReadOnlyList<byte[]> Path);
