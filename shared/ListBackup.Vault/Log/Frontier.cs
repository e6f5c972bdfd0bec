using System.Numerics;

namespace ListBackup.Vault.Log;

/// <summary>
/// As much of a growing tree as is needed to let it grow and to know its root: the hashes of the perfect subtrees that its size is the sum of,
/// largest first. Immutable.
/// </summary>
internal sealed class Frontier
{
    private readonly IReadOnlyList<byte[]> _hashes;

    private Frontier(long size, IReadOnlyList<byte[]> hashes) => (Size, _hashes) = (size, hashes);

    public static Frontier Empty { get; } = new(0, []);

    /// <summary>Entries of the tree.</summary>
    public long Size { get; }

    /// <summary>The hashes as lower-case hex.</summary>
    public IReadOnlyList<string> Hashes => [.. _hashes.Select(Convert.ToHexStringLower)];

    /// <summary>What was written; null when it is not the frontier of any tree of this size.</summary>
    public static Frontier? TryRead(long size, IReadOnlyList<string> hashes)
    {
        if (size < 0 || hashes.Count != BitOperations.PopCount((ulong)size) || hashes.Any(hash => hash.Length != 2 * LogTree.HashByteCount || !hash.All(char.IsAsciiHexDigitLower))) return null;
        return new Frontier(size, [.. hashes.Select(Convert.FromHexString)]);
    }

    /// <summary>A tree of this size whose perfect subtrees have these hashes, largest first.</summary>
    public static Frontier Of(long size, IReadOnlyList<byte[]> hashes)
    {
        System.Diagnostics.Debug.Assert(hashes.Count == BitOperations.PopCount((ulong)size), "Each bit of the size is a subtree.");
        return new Frontier(size, hashes);
    }

    /// <summary>The tree with one more leaf.</summary>
    public Frontier With(byte[] leaf)
    {
        var hashes = _hashes.Append(leaf).ToList();
        // As in counting: every 1 at the end of the old size is a pair that has become whole.
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            hashes[^2] = LogTree.Node(hashes[^2], hashes[^1]);
            hashes.RemoveAt(hashes.Count - 1);
        }

        return new Frontier(Size + 1, hashes);
    }

    /// <summary>Root of the tree.</summary>
    public byte[] Root()
    {
        if (_hashes.Count == 0) return LogTree.EmptyRoot;
        var root = _hashes[^1];
        for (var i = _hashes.Count - 2; i >= 0; i--) root = LogTree.Node(_hashes[i], root);
        return root;
    }

    public bool IsSameAs(Frontier other) => Size == other.Size && Hashes.SequenceEqual(other.Hashes, StringComparer.Ordinal);
}
