using System.Globalization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Pages over a sequence that is the same at every reading: the cursor is how many were seen. Later pages cost more; exports read in one go.</summary>
public static class Skipping
{
    private const long SkipMax = 1_000_000;

    public static async Task<(IReadOnlyList<T> Items, string? Next)> PageAsync<T>(IAsyncEnumerable<T> all, int limit, string? cursor, CancellationToken cancellation)
    {
        var skip = 0L;
        if (cursor is not null && (!long.TryParse(cursor, NumberStyles.None, null, out skip) || skip > SkipMax))
            throw Problem.Invalid("cursor", "Is not a cursor of this list.");
        var items = new List<T>(limit);
        var seen = 0L;
        await foreach (var item in all.WithCancellation(cancellation))
        {
            if (seen++ < skip) continue;
            if (items.Count == limit) return (items, (skip + limit).ToString());
            items.Add(item);
        }
        return (items, null);
    }
}
