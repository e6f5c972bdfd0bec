using System.Globalization;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Times as Python formats and parses them, with the language's own formats (%s, %ms, %epoch_microseconds …).</summary>
internal static class Times
{
    private static readonly string[] LooseFormats =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "yyyy-MM", "yyyyMMdd", "yyyyMMdd'T'HHmmss", "yyyyMMddHHmmss", "yyyy/MM/dd", "yyyy/MM/dd HH:mm:ss",
        "MM/dd/yyyy", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MMM d, yyyy", "MMMM d, yyyy", "d MMM yyyy", "d MMMM yyyy", "yyyy",
    ];

    public static string Print(Moment moment) => Iso(moment, ' ', "auto");

    public static string Repr(Moment moment)
    {
        var at = moment.At;

        return string.Create(
            CultureInfo.InvariantCulture,
            $"datetime.datetime({at.Year}, {at.Month}, {at.Day}, {at.Hour}, {at.Minute}{(at.Second == 0 ? "" : $", {at.Second}")}{(moment.HasZone ? ", tzinfo=datetime.timezone.utc" : "")})");
    }

    public static string Iso(Moment moment, char separator, string precision)
    {
        var at = moment.At;
        var micros = Micros(at);
        var clock = precision switch
        {
            "hours" => $"{at.Hour:00}",
            "minutes" => $"{at.Hour:00}:{at.Minute:00}",
            "seconds" => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}",
            "milliseconds" => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}.{micros / 1000:000}",
            "microseconds" => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}.{micros:000000}",
            _ => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}{(micros == 0 ? "" : $".{micros:000000}")}",
        };

        return $"{at.Year:0000}-{at.Month:00}-{at.Day:00}{separator}{clock}{(moment.HasZone ? Zone(at.Offset, ":") : "")}";
    }

    /// <summary>Formats by the language's formats: strftime plus epochs.</summary>
    public static string Format(Moment moment, string format) => format switch
    {
        "%s" => moment.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        "%s_as_float" => PythonText.Float(Timestamp(moment.At)),
        "%epoch_microseconds" => (EpochTicks(moment.At) / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture),
        "%ms" => moment.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        _ => Strftime(moment, format.Replace("%_ms", $"{Micros(moment.At) / 1000:000}", StringComparison.Ordinal)),
    };

    /// <summary>Seconds since 1970 with their fraction.</summary>
    public static double Timestamp(DateTimeOffset at) => EpochTicks(at) / (double)TimeSpan.TicksPerSecond;

    public static string Strftime(Moment moment, string format)
    {
        var at = moment.At;
        var text = new StringBuilder(format.Length + 16);
        for (var position = 0; position < format.Length; position++)
        {
            if (format[position] != '%' || position + 1 >= format.Length)
            {
                text.Append(format[position]);
                continue;
            }

            var code = format[++position];
            var bare = code == '-' && position + 1 < format.Length;
            if (bare)
                code = format[++position];
            var part = Part(moment, at, code);
            if (part is null)
                text.Append('%').Append(code);
            else
                text.Append(bare && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }

        return text.ToString();
    }

    /// <summary>Parses by one of the language's formats; null when the text does not follow it. Without a zone the time is UTC.</summary>
    public static DateTimeOffset? Parse(string text, string format)
    {
        try
        {
            return format switch
            {
                "%s" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
                    ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                    : null,
                "%s_as_float" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                    ? DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(real * 1e6) * TimeSpan.TicksPerMicrosecond)
                    : null,
                "%epoch_microseconds" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var micros)
                    ? DateTimeOffset.UnixEpoch.AddTicks(checked(micros * TimeSpan.TicksPerMicrosecond))
                    : null,
                "%ms" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var millis)
                    ? DateTimeOffset.FromUnixTimeMilliseconds(millis)
                    : null,
                _ => Strptime.Parse(text, format.Replace("%_ms", "%f", StringComparison.Ordinal)),
            };
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Parses what people and APIs write without being told the format; null when it is no time. Without a zone it is UTC.</summary>
    public static DateTimeOffset? ParseLoose(string text)
    {
        text = text.Trim();
        if (text.Length is < 4 or > 64)
            return null;

        if (IsoTime.Parse(text) is { } iso)
            return iso;

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces;
        if (DateTimeOffset.TryParseExact(text, LooseFormats, CultureInfo.InvariantCulture, Utc, out var exact))
            return exact;

        return char.IsAsciiDigit(text[0]) && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
            ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var loose) ? loose : null;
    }

    public static long Micros(DateTimeOffset at) => at.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;

    private static long EpochTicks(DateTimeOffset at) => at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    private static string? Part(Moment moment, DateTimeOffset at, char code) => code switch
    {
        'Y' => $"{at.Year:0000}",
        'm' => $"{at.Month:00}",
        'd' => $"{at.Day:00}",
        'H' => $"{at.Hour:00}",
        'M' => $"{at.Minute:00}",
        'S' => $"{at.Second:00}",
        'f' => $"{Micros(at):000000}",
        'z' => moment.HasZone ? Zone(at.Offset, "") : "",
        'Z' => moment.HasZone ? at.Offset == TimeSpan.Zero ? "UTC" : "UTC" + Zone(at.Offset, ":") : "",
        'y' => $"{at.Year % 100:00}",
        'j' => $"{at.DayOfYear:000}",
        'e' => $"{at.Day,2}",
        'I' => $"{(at.Hour + 11) % 12 + 1:00}",
        'p' => at.Hour < 12 ? "AM" : "PM",
        'a' => at.ToString("ddd", CultureInfo.InvariantCulture),
        'A' => at.ToString("dddd", CultureInfo.InvariantCulture),
        'b' or 'h' => at.ToString("MMM", CultureInfo.InvariantCulture),
        'B' => at.ToString("MMMM", CultureInfo.InvariantCulture),
        'u' => $"{((int)at.DayOfWeek + 6) % 7 + 1}",
        'w' => $"{(int)at.DayOfWeek}",
        'G' => $"{ISOWeek.GetYear(at.DateTime):0000}",
        'V' => $"{ISOWeek.GetWeekOfYear(at.DateTime):00}",
        'U' => $"{(at.DayOfYear + 6 - (int)at.DayOfWeek) / 7:00}",
        'W' => $"{(at.DayOfYear + 6 - (((int)at.DayOfWeek + 6) % 7)) / 7:00}",
        's' => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'T' => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}",
        'R' => $"{at.Hour:00}:{at.Minute:00}",
        'F' => $"{at.Year:0000}-{at.Month:00}-{at.Day:00}",
        'D' or 'x' => $"{at.Month:00}/{at.Day:00}/{at.Year % 100:00}",
        'X' => $"{at.Hour:00}:{at.Minute:00}:{at.Second:00}",
        'c' => $"{at.ToString("ddd MMM", CultureInfo.InvariantCulture)} {at.Day,2} {at.Hour:00}:{at.Minute:00}:{at.Second:00} {at.Year:0000}",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Zone(TimeSpan offset, string separator) =>
        $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(offset.Hours):00}{separator}{Math.Abs(offset.Minutes):00}";
}
