namespace ListBackup.Vault.Log;

/// <summary>
/// Reads a log of a given size from its tiles alone, as any client of c2sp.org/tlog-tiles does. A tile that is partial for that size may have become
/// full since. Nothing that it returns is proven until it has been led to a checkpoint's root.
/// </summary>
internal sealed class LogTiles(IObjectStore objects, long size) : ISubtrees
{
    private readonly Dictionary<(int Level, long Index), IReadOnlyList<byte[]>> _tiles = [];

    /// <summary>Entries of the log.</summary>
    public long Size => size;

    /// <exception cref="VaultDamagedException">A tile is missing or has another length.</exception>
    public async ValueTask<byte[]> GetAsync(int height, long index, CancellationToken cancellation)
    {
        var (level, rest) = (height / LogNames.TileHeight, height % LogNames.TileHeight);
        var first = index << rest;
        var hashes = await ReadTileAsync(level, first / LogNames.TileWidth, cancellation);
        var start = (int)(first % LogNames.TileWidth);
        return LogTree.Perfect([.. hashes.Skip(start).Take(1 << rest)]);
    }

    /// <summary>The entries from index · 256 on, at most 256.</summary>
    /// <exception cref="VaultDamagedException">The bundle is missing or malformed.</exception>
    public Task<IReadOnlyList<byte[]>> ReadBundleAsync(long index, CancellationToken cancellation) =>
        ReadAsync(LogNames.Bundle(index, LogNames.TileWidth), WidthOf(0, index), TileObject.TryReadBundle, cancellation);

    /// <summary>The number of an entry, by its bytes; null when the log does not have it. Reads bundle after bundle, the newest first.</summary>
    public async Task<long?> FindAsync(byte[] entry, CancellationToken cancellation)
    {
        for (var index = (size - 1) / LogNames.TileWidth; size > 0 && index >= 0; index--)
        {
            var bundle = await ReadBundleAsync(index, cancellation);
            for (var i = bundle.Count - 1; i >= 0; i--)
            {
                if (bundle[i].AsSpan().SequenceEqual(entry)) return (index * LogNames.TileWidth) + i;
            }
        }

        return null;
    }

    /// <summary>The edge that the tiles of this size end with: what a publisher goes on from.</summary>
    /// <exception cref="VaultDamagedException">A tile or the bundle is missing, malformed or does not fit the others.</exception>
    public async Task<TileEdge> ReadEdgeAsync(CancellationToken cancellation)
    {
        var levels = new List<IReadOnlyList<byte[]>>();
        for (var level = 0; level < TileEdge.LevelCount(size); level++)
            levels.Add(TileEdge.WidthAt(level, size) == 0 ? [] : await ReadTileAsync(level, TileEdge.TilesBelow(level, size) / LogNames.TileWidth, cancellation));
        var bundle = TileEdge.WidthAt(0, size) == 0 ? [] : await ReadBundleAsync(size / LogNames.TileWidth, cancellation);
        for (var i = 0; i < bundle.Count; i++)
        {
            if (!LogTree.Leaf(bundle[i]).AsSpan().SequenceEqual(levels[0][i]))
                throw new VaultDamagedException(LogNames.Bundle(size / LogNames.TileWidth, bundle.Count), 0, "Its entries are not those of its tile.");
        }

        return TileEdge.Of(size, bundle, levels);
    }

    private async Task<IReadOnlyList<byte[]>> ReadTileAsync(int level, long index, CancellationToken cancellation)
    {
        if (_tiles.TryGetValue((level, index), out var known)) return known;
        var tile = await ReadAsync(LogNames.Tile(level, index, LogNames.TileWidth), WidthOf(level, index), TileObject.TryReadTile, cancellation);
        return _tiles[(level, index)] = tile;
    }

    private int WidthOf(int level, long index) => (int)Math.Min(LogNames.TileWidth, TileEdge.TilesBelow(level, size) - (index * LogNames.TileWidth));

    private async Task<IReadOnlyList<byte[]>> ReadAsync(string full, int width, ReadParts read, CancellationToken cancellation)
    {
        // The exact one first: the full form of the newest tiles is not there yet.
        var names = width == LogNames.TileWidth ? [full] : new[] { full + LogNames.Partial(width), full };
        foreach (var name in names)
        {
            try
            {
                return read(await objects.ReadAsync(name, cancellation), width) ?? throw new VaultDamagedException(name, 0, "It does not have what a tile of its name has.");
            }
            catch (ObjectNotFoundException)
            {
                // The next form, or none.
            }
        }

        throw new VaultDamagedException(names[0], 0, "A tile of the log is missing.");
    }

    private delegate IReadOnlyList<byte[]>? ReadParts(ReadOnlySpan<byte> bytes, int count);
}
