using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Names of columns.</summary>
internal static class ColumnNames
{
    /// <summary>The vault's key of the record: what tells it apart in its stream.</summary>
    public const string Key = "_key";

    /// <summary>JSON of what no column shows.</summary>
    public const string More = "_more";

    /// <summary>The top-level fields of a schema, sorted by name.</summary>
    public static IReadOnlyList<string> FieldsOf(ObservedSchema schema) =>
    [
        .. schema.Fields.Select(f => JsonPointer.PartsOf(f.Path)[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// A name for each, in order, that no other has: the name itself where it is free, else with a number. An empty or over-long name, and one that the format
    /// keeps for itself, gets another too.
    /// </summary>
    /// <param name="names">Wanted.</param>
    /// <param name="comparer">Which names the format takes for the same.</param>
    /// <param name="lengthMax">UTF-16 units.</param>
    /// <param name="allowed">Makes a name that the format takes.</param>
    public static IReadOnlyList<string> Unique(IEnumerable<string> names, StringComparer comparer, int lengthMax = int.MaxValue, Func<string, string>? allowed = null)
    {
        var taken = new HashSet<string>(comparer);
        return [.. names.Select(name => Take(allowed?.Invoke(name) ?? name, lengthMax, taken))];
    }

    private static string Take(string name, int lengthMax, HashSet<string> taken)
    {
        if (name.Length == 0) name = "_";
        var wanted = Cut(name, lengthMax);
        for (var number = 2; !taken.Add(wanted); number++) wanted = Cut(name, lengthMax - $" ({number})".Length) + $" ({number})";
        return wanted;
    }

    /// <summary>At most so many UTF-16 units, never half a character.</summary>
    public static string Cut(string text, int lengthMax) =>
        text.Length <= lengthMax ? text : text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];
}
