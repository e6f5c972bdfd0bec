using System.Text;

namespace ListBackup.Domain;

/// <summary>
/// The order of sort keys: that of their UTF-8 bytes, which is that of their code points. <see cref="string.CompareOrdinal(string, string)"/> compares
/// UTF-16 units and differs where a surrogate pair (U+10000 and above) meets U+E000 to U+FFFF.
/// </summary>
public sealed class KeyOrder : IComparer<string>
{
    public static KeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return x is null ? (y is null ? 0 : -1) : 1;
        var common = x.AsSpan().CommonPrefixLength(y);
        if (common == x.Length || common == y.Length) return x.Length.CompareTo(y.Length);
        var (a, b) = (x[common], y[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }

    public static string Later(string x, string y) => Instance.Compare(x, y) >= 0 ? x : y;

    public static string Earlier(string x, string y) => Instance.Compare(x, y) <= 0 ? x : y;

    /// <summary>The first key after all that start with <paramref name="prefix"/>, or null when there is none.</summary>
    public static string? AfterPrefix(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        // The last code point has no successor, so the one before it counts up.
        while (runes.Count > 0 && runes[^1].Value == 0x10FFFF) runes.RemoveAt(runes.Count - 1);
        if (runes.Count == 0) return null;
        var last = runes[^1].Value;
        runes[^1] = new Rune(last == 0xD7FF ? 0xE000 : last + 1);
        return string.Concat(runes);
    }
}
