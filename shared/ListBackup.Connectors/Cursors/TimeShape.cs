namespace ListBackup.Connectors.Cursors;

/// <summary>
/// A time format that is read straight from a record's bytes: digits of fixed width, a fraction, a zone. It reads only the plain spelling; whatever else
/// the format may allow is left to <see cref="Expressions.Times"/>, which comes to the same time for what is read here.
/// </summary>
internal sealed class TimeShape
{
    private readonly string _format;

    private TimeShape(string format) => _format = format;

    /// <summary>Null for a format with names, halves of days or anything else of the kind.</summary>
    public static TimeShape? Of(string format)
    {
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] == '%' && (++at == format.Length || format[at] is not ('Y' or 'm' or 'd' or 'H' or 'M' or 'S' or 'f' or 'z')))
                return null;
            if (format[at] is < ' ' or > '~')
                return null;
        }

        // Fewer parts leave out what the plain spelling would need.
        return format.StartsWith("%Y-%m-%d", StringComparison.Ordinal) && format.AsSpan(8).IndexOf("%Y") < 0 ? new TimeShape(format) : null;
    }

    /// <param name="text">The characters of a JSON text, without its quotes and without escapes.</param>
    public DateTimeOffset? Read(ReadOnlySpan<byte> text)
    {
        var (at, year, month, day, hour, minute, second, micros, zone) = (0, 0, 1, 1, 0, 0, 0, 0, 0);
        for (var position = 0; position < _format.Length; position++)
        {
            if (_format[position] != '%')
            {
                if (at >= text.Length || text[at++] != _format[position])
                    return null;
                continue;
            }

            var good = _format[++position] switch
            {
                'Y' => Digits(text, ref at, 4, out year),
                'm' => Digits(text, ref at, 2, out month),
                'd' => Digits(text, ref at, 2, out day),
                'H' => Digits(text, ref at, 2, out hour),
                'M' => Digits(text, ref at, 2, out minute),
                'S' => Digits(text, ref at, 2, out second),
                'f' => Fraction(text, ref at, out micros),
                _ => Zone(text, ref at, out zone),
            };
            if (!good)
                return null;
        }

        if (at != text.Length || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return null;

        var clock = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified).AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        var offset = TimeSpan.FromMinutes(zone);

        // Beyond the ends of the calendar the careful way decides.
        return clock.Ticks - offset.Ticks is < 0 or > 3_155_378_975_999_999_999 ? null : new DateTimeOffset(clock, offset);
    }

    private static bool Digits(ReadOnlySpan<byte> text, ref int at, int count, out int number)
    {
        number = 0;
        if (at + count > text.Length)
            return false;
        for (var end = at + count; at < end; at++)
        {
            if (text[at] is < (byte)'0' or > (byte)'9')
                return false;
            number = (number * 10) + (text[at] - '0');
        }

        return true;
    }

    private static bool Fraction(ReadOnlySpan<byte> text, ref int at, out int micros)
    {
        micros = 0;
        var digits = 0;
        for (; at < text.Length && digits < 6 && text[at] is >= (byte)'0' and <= (byte)'9'; at++, digits++)
            micros = (micros * 10) + (text[at] - '0');
        if (digits == 0)
            return false;
        for (; digits < 6; digits++)
            micros *= 10;

        return true;
    }

    private static bool Zone(ReadOnlySpan<byte> text, ref int at, out int minutes)
    {
        minutes = 0;
        if (at < text.Length && text[at] == 'Z')
        {
            at++;
            return true;
        }

        if (at >= text.Length || text[at] is not ((byte)'+' or (byte)'-'))
            return false;
        var sign = text[at++] == '-' ? -1 : 1;
        if (!Digits(text, ref at, 2, out var hours))
            return false;
        if (at < text.Length && text[at] == ':')
            at++;
        if (!Digits(text, ref at, 2, out minutes) || hours > 13 || minutes > 59)
            return false;
        minutes = ((hours * 60) + minutes) * sign;

        return true;
    }
}
