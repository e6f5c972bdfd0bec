using System.Buffers.Binary;
using System.Numerics;

namespace ListBackup.Vault.Log;

/// <summary>
/// The right edge of a log's tiles (c2sp.org/tlog-tiles): of each level the hashes of the tile that is not full yet, and the entries of the
/// unfinished bundle. It is all that is needed to go on with the tiles and to know the root: at most 255 hashes of each level.
/// </summary>
internal sealed class TileEdge
{
    private readonly List<List<byte[]>> _levels = [];
    private readonly List<byte[]> _entries = [];

    /// <summary>Entries of the tree.</summary>
    public long Size { get; private set; }

    /// <summary>An edge that was stored.</summary>
    /// <param name="size">Entries of the tree.</param>
    /// <param name="entries">Those of the unfinished bundle.</param>
    /// <param name="levels">Hashes of the unfinished tiles, from level 0 on; as many as the size says.</param>
    public static TileEdge Of(long size, IReadOnlyList<byte[]> entries, IReadOnlyList<IReadOnlyList<byte[]>> levels)
    {
        var edge = new TileEdge { Size = size };
        edge._entries.AddRange(entries);
        edge._levels.AddRange(levels.Select(hashes => hashes.ToList()));
        return edge;
    }

    /// <summary>How many hashes the unfinished tile of a level has: 0 to 255.</summary>
    public static int WidthAt(int level, long size) => (int)(TilesBelow(level, size) % LogNames.TileWidth);

    /// <summary>Levels with any hash.</summary>
    public static int LevelCount(long size)
    {
        var count = 0;
        while (TilesBelow(count, size) > 0) count++;
        return count;
    }

    /// <summary>Appends an entry.</summary>
    /// <returns>The bundle and the tiles that are full now, mostly none.</returns>
    public IReadOnlyList<TileObject> Add(byte[] entry)
    {
        Size++;
        var full = new List<TileObject>();
        _entries.Add(entry);
        if (_entries.Count == LogNames.TileWidth)
        {
            full.Add(TileObject.Bundle((Size - 1) / LogNames.TileWidth, [.. _entries]));
            _entries.Clear();
        }

        var hash = LogTree.Leaf(entry);
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count) _levels.Add([]);
            var hashes = _levels[level];
            hashes.Add(hash);
            if (hashes.Count < LogNames.TileWidth) return full;
            full.Add(TileObject.Tile(level, (TilesBelow(level, Size) - 1) / LogNames.TileWidth, [.. hashes]));
            hash = LogTree.Perfect(hashes);
            hashes.Clear();
        }
    }

    /// <summary>The partial bundle and tiles of a tree of this size; none are empty.</summary>
    public IEnumerable<TileObject> Partials()
    {
        if (_entries.Count > 0) yield return TileObject.Bundle(Size / LogNames.TileWidth, _entries);
        for (var level = 0; level < _levels.Count; level++)
        {
            if (_levels[level].Count > 0) yield return TileObject.Tile(level, TilesBelow(level, Size) / LogNames.TileWidth, _levels[level]);
        }
    }

    /// <summary>The same tree as its perfect subtrees.</summary>
    public Frontier Frontier()
    {
        var hashes = new List<byte[]>();
        for (var level = _levels.Count - 1; level >= 0; level--)
        {
            // A level's hashes are the digit of the size to the base of 256; its bits name the perfect subtrees.
            var (rest, start) = (_levels[level].Count, 0);
            while (rest > 0)
            {
                var count = 1 << BitOperations.Log2((uint)rest);
                hashes.Add(LogTree.Perfect(_levels[level].GetRange(start, count)));
                (start, rest) = (start + count, rest - count);
            }
        }

        return Log.Frontier.Of(Size, hashes);
    }

    /// <summary>Hashes of a level in a tree of this size.</summary>
    public static long TilesBelow(int level, long size) => level * LogNames.TileHeight >= 63 ? 0 : size >> (level * LogNames.TileHeight);
}

/// <summary>A tile of hashes or a bundle of entries, full or partial.</summary>
/// <param name="FullName">The name that it has, or will have when it is full.</param>
/// <param name="Parts">Its hashes or entries.</param>
/// <param name="IsBundle">Whether it has entries.</param>
internal sealed record TileObject(string FullName, IReadOnlyList<byte[]> Parts, bool IsBundle)
{
    // As many as two bytes can say.
    private const int EntryBytesMax = ushort.MaxValue;

    /// <summary>Where it lies.</summary>
    public string Name => FullName + LogNames.Partial(Parts.Count);

    public static TileObject Tile(int level, long index, IReadOnlyList<byte[]> hashes) => new(LogNames.Tile(level, index, LogNames.TileWidth), hashes, IsBundle: false);

    public static TileObject Bundle(long index, IReadOnlyList<byte[]> entries) => new(LogNames.Bundle(index, LogNames.TileWidth), entries, IsBundle: true);

    /// <summary>Its bytes: hashes one behind the other, or entries, each behind its length in two bytes, big-endian.</summary>
    public byte[] Write()
    {
        if (!IsBundle) return [.. Parts.SelectMany(hash => hash)];
        var bytes = new List<byte>();
        foreach (var entry in Parts)
        {
            // A source's name has 80 bytes at most and everything else fixed sizes.
            System.Diagnostics.Debug.Assert(entry.Length <= EntryBytesMax, "An entry of the log is some hundred bytes.");
            bytes.AddRange([(byte)(entry.Length >> 8), (byte)entry.Length]);
            bytes.AddRange(entry);
        }

        return [.. bytes];
    }

    /// <summary>The first so many entries of a bundle; null when it has fewer, or something behind the last of a partial one.</summary>
    public static IReadOnlyList<byte[]>? TryReadBundle(ReadOnlySpan<byte> bytes, int count)
    {
        var entries = new List<byte[]>(count);
        while (entries.Count < count)
        {
            if (bytes.Length < 2) return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            if (bytes.Length - 2 < length) return null;
            entries.Add(bytes.Slice(2, length).ToArray());
            bytes = bytes[(2 + length)..];
        }

        return entries;
    }

    /// <summary>The first so many hashes of a tile; null when it has fewer.</summary>
    public static IReadOnlyList<byte[]>? TryReadTile(ReadOnlySpan<byte> bytes, int count) =>
        bytes.Length < count * LogTree.HashByteCount || bytes.Length % LogTree.HashByteCount != 0
            ? null
            : [.. Slices(bytes.ToArray(), count)];

    private static IEnumerable<byte[]> Slices(byte[] bytes, int count) => bytes.Chunk(LogTree.HashByteCount).Take(count);
}
