using System.Globalization;
using System.Text.RegularExpressions;

namespace ListBackup.Connectors.Expressions;

/// <summary>The spellings of ISO 8601 that APIs use: T or blank between, any fraction, Z or an offset with or without colon.</summary>
internal static partial class IsoTime
{
    public static DateTimeOffset? Parse(string text)
    {
        // The spelling that nearly all APIs use, read without a regular expression: this runs once per record.
        if (text is [_, _, _, _, '-', _, _, '-', _, _, 'T', _, _, ':', _, _, ':', _, _, 'Z']
            && DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var plain))
            return plain;

        var match = Pattern().Match(text);
        if (!match.Success)
            return null;

        var fraction = match.Groups["f"].Value;
        var micros = fraction.Length == 0 ? 0 : int.Parse(fraction.PadRight(6, '0')[..6], CultureInfo.InvariantCulture);
        try
        {
            var clock = new DateTime(
                Part(match, "Y"), Part(match, "M"), Part(match, "D"), Part(match, "h"), Part(match, "m"), Part(match, "s"), DateTimeKind.Unspecified);

            return new DateTimeOffset(clock.AddMicroseconds(micros), Offset(match));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static int Part(Match match, string name) =>
        match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;

    private static TimeSpan Offset(Match match)
    {
        var offset = new TimeSpan(Part(match, "zh"), Part(match, "zm"), 0);

        return match.Groups["sign"].Value == "-" ? -offset : offset;
    }

    [GeneratedRegex(
        @"^(?<Y>\d{4})-(?<M>\d{1,2})-(?<D>\d{1,2})(?:[T ](?<h>\d{1,2}):(?<m>\d{2})(?::(?<s>\d{2})(?:[.,](?<f>\d{1,9})\d*)?)?\s*(?:[Zz]|UTC|GMT|(?<sign>[+-])(?<zh>\d{2}):?(?<zm>\d{2})?)?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
