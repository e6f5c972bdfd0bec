using System.Globalization;
using System.Text.RegularExpressions;

namespace ListBackup.Connectors.Expressions;

/// <summary>A duration of ISO 8601. Years and months have no fixed length, so they are added to a calendar and not to a clock.</summary>
internal sealed partial record IsoDuration(int Months, TimeSpan Span)
{
    public static readonly IsoDuration Zero = new(0, TimeSpan.Zero);

    public bool IsZero => Months == 0 && Span == TimeSpan.Zero;

    /// <summary>The duration, or null when the text is none.</summary>
    public static IsoDuration? Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || text.EndsWith('P') || text.EndsWith('T'))
            return null;

        var days = (Part(match, "w") * 7) + Part(match, "d");
        var seconds = (Part(match, "h") * 3600) + (Part(match, "m") * 60) + Part(match, "s");
        var months = (Part(match, "Y") * 12) + Part(match, "M");
        if (days > 3_660_000 || seconds > 3e11 || months > 120_000)
            return null;

        var duration = new IsoDuration((int)months, TimeSpan.FromDays(days) + TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6)));

        return match.Groups["sign"].Value == "-" ? duration.Negated() : duration;
    }

    public IsoDuration Negated() => new(-Months, -Span);

    public DateTimeOffset After(DateTimeOffset start)
    {
        try
        {
            return start.AddMonths(Months) + Span;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new ExpressionException("A time lies outside the years 1 to 9999.") { IsOfValue = true };
        }
    }

    /// <summary>As Python prints a timedelta: "89 days, 0:00:00".</summary>
    public override string ToString()
    {
        var days = (int)Math.Floor(Span.TotalDays);
        var rest = Span - TimeSpan.FromDays(days);
        var clock = string.Create(CultureInfo.InvariantCulture, $"{(int)rest.TotalHours}:{rest.Minutes:00}:{rest.Seconds:00}");
        var micros = rest.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;
        if (micros != 0)
            clock += string.Create(CultureInfo.InvariantCulture, $".{micros:000000}");

        return days == 0 ? clock : string.Create(CultureInfo.InvariantCulture, $"{days} day{(Math.Abs(days) == 1 ? "" : "s")}, {clock}");
    }

    private static double Part(Match match, string name) =>
        match.Groups[name].Success ? double.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^(?<sign>[+-])?P(?:(?<Y>\d+(?:\.\d+)?)Y)?(?:(?<M>\d+(?:\.\d+)?)M)?(?:(?<w>\d+(?:\.\d+)?)W)?(?:(?<d>\d+(?:\.\d+)?)D)?(?:T(?:(?<h>\d+(?:\.\d+)?)H)?(?:(?<m>\d+(?:\.\d+)?)M)?(?:(?<s>\d+(?:\.\d+)?)S)?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
