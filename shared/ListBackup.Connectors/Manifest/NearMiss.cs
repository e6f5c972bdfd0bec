namespace ListBackup.Connectors.Manifest;

/// <summary>Tells a slip of the pen from a word of another language.</summary>
internal static class NearMiss
{
    private const int DistanceMax = 2;

    /// <summary>No option has a longer name, and comparing costs the product of the lengths.</summary>
    private const int LengthMax = 60;

    /// <summary>The name that was probably meant: the same but for case and underscores, or with at most two letters wrong. Null: none is near.</summary>
    public static string? Find(string written, IEnumerable<string> names)
    {
        if (written.Length > LengthMax)
            return null;

        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in names.Where(name => name.Length <= LengthMax))
        {
            var distance = Plain(name) == Plain(written) ? 0 : Distance(written, name);
            if (distance < least)
                (nearest, least) = (name, distance);
        }

        // Two letters make another word out of a short one.
        return least <= DistanceMax && least * 2 < written.Length ? nearest : null;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Letters to add, drop or change (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var previous = Enumerable.Range(0, other.Length + 1).ToArray();
        var current = new int[other.Length + 1];
        for (var row = 1; row <= one.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= other.Length; column++)
            {
                var change = one[row - 1] == other[column - 1] ? 0 : 1;
                current[column] = Math.Min(Math.Min(current[column - 1], previous[column]) + 1, previous[column - 1] + change);
            }

            (previous, current) = (current, previous);
        }

        return previous[^1];
    }
}
