using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>
/// Keys of objects as texts. Records repeat the same few keys, so a short one is made once and found again. The table has a fixed size and forgets; it is the
/// one thing here that is shared by all threads and changes, and what a race loses is only a text that is made again.
/// </summary>
internal static class JsonNames
{
    private const int Places = 1024;
    private const int BytesMax = 48;

    private static readonly string?[] Known = new string?[Places];

    /// <summary>The text of the key that the reader stands on.</summary>
    public static string Of(ref Utf8JsonReader reader)
    {
        var bytes = reader.ValueSpan;
        if (reader.ValueIsEscaped || bytes.Length is 0 or > BytesMax)
            return ValueJson.Text(ref reader);

        var place = Place(bytes);
        var known = Known[place];
        if (known is not null && reader.ValueTextEquals(known))
            return known;

        return Known[place] = ValueJson.Text(ref reader);
    }

    private static int Place(ReadOnlySpan<byte> bytes)
    {
        var hash = 17u;
        foreach (var one in bytes)
            hash = (hash * 31) + one;

        return (int)(hash % Places);
    }
}
