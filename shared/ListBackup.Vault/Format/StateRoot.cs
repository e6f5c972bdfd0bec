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
        var leafCount = LeafCount(keyHashes.Length);
        var level = new byte[leafCount][];
        var (start, buffer) = (0, new byte[1 + (2 * RecordsPerLeaf * PairByteCount)]);
        for (var leaf = 0; leaf < leafCount; leaf++)
        {
            var end = start;
            while (end < keyHashes.Length && keyHashes[end].Group(leafCount) == leaf) end++;
            level[leaf] = Leaf(keyHashes[start..end], recordHashes[start..end], ref buffer);
            start = end;
        }

        while (level.Length > 1) level = [.. level.Chunk(2).Select(pair => SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        var count = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(count, keyHashes.Length);
        return Convert.ToHexStringLower(SHA256.HashData([2, .. count, .. level[0]]));
    }

    private static int LeafCount(int records)
    {
        var leaves = 1;
        while (leaves * (long)RecordsPerLeaf < records) leaves *= 2;
        return leaves;
    }

    private static byte[] Leaf(ReadOnlySpan<Hash128> keyHashes, ReadOnlySpan<Hash128> recordHashes, ref byte[] buffer)
    {
        var length = 1 + (keyHashes.Length * PairByteCount);
        if (buffer.Length < length) buffer = new byte[length];
        buffer[0] = 0;
        for (var i = 0; i < keyHashes.Length; i++)
        {
            keyHashes[i].Write(buffer.AsSpan(1 + (i * PairByteCount)));
            recordHashes[i].Write(buffer.AsSpan(1 + (i * PairByteCount) + Hash128.ByteCount));
        }

        return SHA256.HashData(buffer.AsSpan(0, length));
    }
}
