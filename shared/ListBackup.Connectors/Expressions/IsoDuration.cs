using System.Globalization;

namespace ListBackup.Connectors.Expressions;

/// <summary>A duration of ISO 8601. Years and months have no fixed length, so they are added to a calendar and not to a clock.</summary>
internal sealed record IsoDuration(int Months, TimeSpan Span)
{
    public static readonly IsoDuration Zero = new(0, TimeSpan.Zero);

    public bool IsZero => Months == 0 && Span == TimeSpan.Zero;

    /// <summary>The duration, or null when the text is none.</summary>
    public static IsoDuration? Parse(string text)
    {
        var isNegative = text.StartsWith('-');
        var rest = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        if (rest is not ['P', _, ..] || rest[^1] == 'T')
            return null;
        rest = rest[1..];
        var months = (Part(ref rest, 'Y') * 12) + Part(ref rest, 'M');
        var days = (Part(ref rest, 'W') * 7) + Part(ref rest, 'D');
        var seconds = 0d;
        if (rest is ['T', ..])
        {
            rest = rest[1..];
            seconds = (Part(ref rest, 'H') * 3600) + (Part(ref rest, 'M') * 60) + Part(ref rest, 'S');
        }

        if (!rest.IsEmpty || days > 3_660_000 || seconds > 3e11 || months > 120_000)
            return null;

        var duration = new IsoDuration((int)months, TimeSpan.FromDays(days) + TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6)));

        return isNegative ? duration.Negated() : duration;
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

    /// <summary>Takes a number of this unit off the front; 0 and nothing taken when none stands there.</summary>
    private static double Part(ref ReadOnlySpan<char> rest, char unit)
    {
        var end = Digits(rest);
        if (end > 0 && rest[end..] is ['.', .. var fraction] && Digits(fraction) is > 0 and var places)
            end += 1 + places;
        if (end == 0 || end == rest.Length || rest[end] != unit)
            return 0;
        var number = double.Parse(rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        rest = rest[(end + 1)..];

        return number;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count]))
            count++;

        return count;
    }
}
