using System.Numerics;
using System.Security.Cryptography;

namespace ListBackup.Vault.Log;

/// <summary>
/// The Merkle tree of RFC 6962 over SHA-256: roots, inclusion and consistency proofs. It asks for hashes of perfect subtrees only, which is
/// what tiles hold.
/// </summary>
internal static class LogTree
{
    public const int HashByteCount = 32;

    /// <summary>Root of the tree without entries.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    public static byte[] Leaf(ReadOnlySpan<byte> entry) => SHA256.HashData([0, .. entry]);

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([1, .. left, .. right]);

    /// <summary>Root over hashes of one height, whose number is a power of two.</summary>
    public static byte[] Perfect(IReadOnlyList<byte[]> hashes)
    {
        System.Diagnostics.Debug.Assert(BitOperations.IsPow2(hashes.Count), "A perfect tree is full.");
        while (hashes.Count > 1) hashes = [.. hashes.Chunk(2).Select(pair => Node(pair[0], pair[1]))];
        return hashes[0];
    }

    /// <summary>Root of the first so many entries.</summary>
    public static async Task<byte[]> RootAsync(ISubtrees subtrees, long size, CancellationToken cancellation) =>
        size == 0 ? EmptyRoot : await HashAsync(subtrees, 0, size, cancellation);

    /// <summary>The hashes that lead from an entry to the root of the first so many, from the bottom up (RFC 6962, 2.1.1).</summary>
    public static async Task<IReadOnlyList<byte[]>> InclusionAsync(ISubtrees subtrees, long index, long size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<byte[]>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + SplitOf(end - start);
            path.Add(index < middle ? await HashAsync(subtrees, middle, end, cancellation) : await HashAsync(subtrees, start, middle, cancellation));
            (start, end) = index < middle ? (start, middle) : (middle, end);
        }

        path.Reverse();
        return path;
    }

    /// <summary>What shows that the tree of the older size is the beginning of that of the newer (RFC 6962, 2.1.2). Empty when the sizes are equal or the older is 0.</summary>
    public static async Task<IReadOnlyList<byte[]>> ConsistencyAsync(ISubtrees subtrees, long older, long newer, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(older);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(older, newer);
        var path = new List<byte[]>();
        if (older == 0 || older == newer) return path;
        var (start, end, isWhole) = (0L, newer, true);
        while (older != end)
        {
            var middle = start + SplitOf(end - start);
            if (older <= middle)
            {
                path.Add(await HashAsync(subtrees, middle, end, cancellation));
                end = middle;
            }
            else
            {
                path.Add(await HashAsync(subtrees, start, middle, cancellation));
                (start, isWhole) = (middle, false);
            }
        }

        if (!isWhole) path.Add(await HashAsync(subtrees, start, end, cancellation));
        path.Reverse();
        return path;
    }

    /// <summary>Whether a path leads from a leaf's hash to a root (RFC 9162, 2.1.3.2).</summary>
    public static bool IsIncluded(ReadOnlySpan<byte> leaf, long index, long size, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size) return false;
        var (node, last, hash) = (index, size - 1, leaf.ToArray());
        foreach (var sibling in path)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = Node(sibling, hash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = Node(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether a path shows that one root's tree begins with the other's (RFC 9162, 2.1.4.2).</summary>
    public static bool IsConsistent(long older, ReadOnlySpan<byte> olderRoot, long newer, ReadOnlySpan<byte> newerRoot, IReadOnlyList<byte[]> path)
    {
        if (older == newer) return path.Count == 0 && olderRoot.SequenceEqual(newerRoot);
        if (older == 0) return path.Count == 0 && olderRoot.SequenceEqual(EmptyRoot);
        if (older > newer) return false;
        // Of a power of two the older root is the first hash of the path.
        IReadOnlyList<byte[]> whole = BitOperations.IsPow2(older) ? [olderRoot.ToArray(), .. path] : path;
        if (whole.Count == 0) return false;
        var (node, last) = (older - 1, newer - 1);
        while ((node & 1) == 1) (node, last) = (node >> 1, last >> 1);
        var (first, second) = (whole[0], whole[0]);
        foreach (var hash in whole.Skip(1))
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                (first, second) = (Node(hash, first), Node(hash, second));
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                second = Node(second, hash);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && olderRoot.SequenceEqual(first) && newerRoot.SequenceEqual(second);
    }

    /// <summary>Root of the entries from start to end, where start is a multiple of the largest power of two below the count.</summary>
    private static async ValueTask<byte[]> HashAsync(ISubtrees subtrees, long start, long end, CancellationToken cancellation)
    {
        var count = end - start;
        if (BitOperations.IsPow2(count)) return await subtrees.GetAsync(BitOperations.Log2((ulong)count), start / count, cancellation);
        var middle = start + SplitOf(count);
        var left = await HashAsync(subtrees, start, middle, cancellation);
        var right = await HashAsync(subtrees, middle, end, cancellation);
        return Node(left, right);
    }

    /// <summary>The largest power of two below the count.</summary>
    private static long SplitOf(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}

/// <summary>Hashes of perfect subtrees.</summary>
internal interface ISubtrees
{
    /// <summary>Hash of the 2^height entries from index·2^height on.</summary>
    ValueTask<byte[]> GetAsync(int height, long index, CancellationToken cancellation);
}
