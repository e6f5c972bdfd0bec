using System.Globalization;

namespace ListBackup.Vault.Log;

/// <summary>Where the log lies. <see cref="Tile"/> and <see cref="Bundle"/> are the paths of c2sp.org/tlog-tiles below <c>log/</c>.</summary>
internal static class LogNames
{
    public const string Log = "log/";
    public const string Batches = "log/a/";
    public const string Tiles = "log/tile/";
    public const string Checkpoint = "log/checkpoint";

    /// <summary>A cache.</summary>
    public const string Hint = "x/log";

    /// <summary>Hashes of a full tile, entries of a full bundle.</summary>
    public const int TileWidth = 1 << TileHeight;

    /// <summary>Levels of the tree that a tile spans.</summary>
    public const int TileHeight = 8;

    public static string Batch(long first) => string.Create(CultureInfo.InvariantCulture, $"{Batches}{first:000000000000}.json");

    /// <summary>A tile of hashes; the width of a partial one is 1 to 255, of a full one 256.</summary>
    public static string Tile(int level, long index, int width) => string.Create(CultureInfo.InvariantCulture, $"{Tiles}{level}/{Path(index)}{Partial(width)}");

    /// <summary>A bundle of entries.</summary>
    public static string Bundle(long index, int width) => $"{Tiles}entries/{Path(index)}{Partial(width)}";

    /// <summary>All partial forms of a tile or bundle.</summary>
    public static string PartialsOf(string full) => $"{full}.p/";

    /// <summary>An index in groups of three digits, all but the last behind an <c>x</c>.</summary>
    private static string Path(long index)
    {
        var path = (index % 1_000).ToString("000", CultureInfo.InvariantCulture);
        for (var rest = index / 1_000; rest > 0; rest /= 1_000) path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1_000:000}/{path}");
        return path;
    }

    /// <summary>What the name of a partial tile or bundle ends with; nothing when it is full.</summary>
    public static string Partial(int width) => width == TileWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}");
}
