using System.Globalization;

namespace ListBackup.Connectors.Expressions;

/// <summary>Python's strptime: a text read by a format, whole or not at all.</summary>
internal static class Strptime
{
    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;
    private static readonly string[] ShortMonths = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames;
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;
    private static readonly string[] ShortDays = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames;

    public static DateTimeOffset? Parse(string text, string format)
    {
        var reader = new Reader(text);
        for (var at = 0; at < format.Length; at++)
        {
            var good = format[at] switch
            {
                '%' when at + 1 < format.Length => reader.Directive(format[++at] == '-' && at + 1 < format.Length ? format[++at] : format[at]),
                ' ' or '\t' => reader.Blanks(),
                var literal => reader.Literal(literal),
            };
            if (!good)
                return null;
        }

        return reader.Finish();
    }

    private ref struct Reader(string text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _at;
        private int _year = 1900;
        private int _month = 1;
        private int _day = 1;
        private int _dayOfYear;
        private int _weekday = -1;
        private int _week;
        private DayOfWeek? _firstDay;
        private int _hour;
        private bool? _afternoon;
        private int _minute;
        private int _second;
        private int _micros;
        private TimeSpan _offset;
        private long? _epoch;

        public bool Directive(char code) => code switch
        {
            'Y' => Number(4, 4, out _year),
            'y' => Number(2, 2, out _year) && Century(),
            'm' => Number(1, 2, out _month),
            'd' or 'e' => Number(1, 2, out _day),
            'H' => Number(1, 2, out _hour),
            'I' => Number(1, 2, out _hour),
            'M' => Number(1, 2, out _minute),
            'S' => Number(1, 2, out _second),
            'j' => Number(1, 3, out _dayOfYear),
            'f' => Fraction(),
            'z' => Zone(),
            'Z' => ZoneName(),
            'p' => HalfDay(),
            'b' or 'h' => Name(ShortMonths, ref _month),
            'B' => Name(Months, ref _month),
            'a' => Weekday(ShortDays),
            'A' => Weekday(Days),
            's' => Epoch(),
            'T' => Directive('H') && Literal(':') && Directive('M') && Literal(':') && Directive('S'),
            'R' => Directive('H') && Literal(':') && Directive('M'),
            'X' => Directive('T'),
            'D' or 'x' => Directive('m') && Literal('/') && Directive('d') && Literal('/') && Directive('y'),
            'c' => Directive('a') && Blanks() && Directive('b') && Blanks() && PaddedDay() && Blanks() && Directive('T') && Blanks() && Directive('Y'),
            'w' => Number(1, 1, out _weekday) && _weekday <= 6,
            'u' => Number(1, 1, out _weekday) && _weekday is >= 1 and <= 7 && Sunday(),
            'U' => Number(1, 2, out _week) && Weeks(DayOfWeek.Sunday),
            'W' => Number(1, 2, out _week) && Weeks(DayOfWeek.Monday),
            'n' or 't' => Blanks(),
            'F' => Directive('Y') && Literal('-') && Directive('m') && Literal('-') && Directive('d'),
            '%' => Literal('%'),
            _ => false,
        };

        public bool Literal(char expected)
        {
            if (_at >= _text.Length || char.ToUpperInvariant(_text[_at]) != char.ToUpperInvariant(expected))
                return false;
            _at++;

            return true;
        }

        public bool Blanks()
        {
            var start = _at;
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
                _at++;

            return _at > start;
        }

        public readonly DateTimeOffset? Finish()
        {
            if (_at != _text.Length)
                return null;
            if (_epoch is { } seconds)
                return DateTimeOffset.FromUnixTimeSeconds(seconds);

            var hour = _afternoon is { } afternoon ? (_hour % 12) + (afternoon ? 12 : 0) : _hour;
            try
            {
                var clock = new DateTime(_year, _month, _day, hour, _minute, Math.Min(_second, 59), DateTimeKind.Unspecified).AddMicroseconds(_micros);
                if (_dayOfYear > 0)
                    clock = clock.AddDays(_dayOfYear - clock.DayOfYear);
                else if (_firstDay is { } first && _weekday >= 0)
                    clock = InWeek(clock, first);

                return new DateTimeOffset(clock, _offset);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        private bool Number(int digitsMin, int digitsMax, out int number)
        {
            var start = _at;
            while (_at < _text.Length && _at - start < digitsMax && char.IsAsciiDigit(_text[_at]))
                _at++;
            number = 0;

            return _at - start >= digitsMin && int.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        private bool Century()
        {
            _year += _year < 69 ? 2000 : 1900;

            return true;
        }

        private bool Fraction()
        {
            var start = _at;
            if (!Number(1, 6, out _micros))
                return false;
            for (var digits = _at - start; digits < 6; digits++)
                _micros *= 10;

            return true;
        }

        private bool Zone()
        {
            if (Literal('Z'))
                return true;
            if (_at >= _text.Length || _text[_at] is not ('+' or '-'))
                return false;
            var negative = _text[_at++] == '-';
            if (!Number(2, 2, out var hours))
                return false;
            if (_at < _text.Length && _text[_at] == ':')
                _at++;
            if (!Number(2, 2, out var minutes))
                return false;
            _offset = new TimeSpan(hours, minutes, 0) * (negative ? -1 : 1);

            return true;
        }

        private bool ZoneName()
        {
            foreach (var name in (ReadOnlySpan<string>)["UTC", "GMT", "Z"])
            {
                if (_text[_at..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
                {
                    _at += name.Length;
                    return true;
                }
            }

            return false;
        }

        private bool HalfDay()
        {
            var rest = _text[_at..];
            if (!rest.StartsWith("AM", StringComparison.OrdinalIgnoreCase) && !rest.StartsWith("PM", StringComparison.OrdinalIgnoreCase))
                return false;
            _afternoon = rest[0] is 'P' or 'p';
            _at += 2;

            return true;
        }

        private bool Name(string[] names, ref int number)
        {
            for (var index = 0; index < names.Length; index++)
            {
                if (names[index].Length > 0 && _text[_at..].StartsWith(names[index], StringComparison.OrdinalIgnoreCase))
                {
                    _at += names[index].Length;
                    number = index + 1;
                    return true;
                }
            }

            return false;
        }

        private bool Weekday(string[] names)
        {
            var number = 0;
            if (!Name(names, ref number))
                return false;
            _weekday = number - 1;

            return true;
        }

        private bool Sunday()
        {
            _weekday %= 7;

            return true;
        }

        private bool Weeks(DayOfWeek first)
        {
            _firstDay = first;

            return _week <= 53;
        }

        /// <summary>Days below 10 are padded with a blank, which the blanks before them have taken.</summary>
        private bool PaddedDay() => Number(1, 2, out _day);

        /// <summary>The day of a week that is counted within the year: week 1 begins with the first day of its kind, and before it is week 0.</summary>
        private readonly DateTime InWeek(DateTime clock, DayOfWeek first)
        {
            var start = clock.AddDays(1 - clock.DayOfYear);
            var toFirst = ((int)first - (int)start.DayOfWeek + 7) % 7;
            var day = (_weekday - (int)first + 7) % 7;

            return start.AddDays(toFirst + ((_week - 1) * 7) + day);
        }

        private bool Epoch()
        {
            var start = _at;
            if (_at < _text.Length && _text[_at] == '-')
                _at++;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
            if (!long.TryParse(_text[start.._at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
                return false;
            _epoch = seconds;

            return true;
        }
    }
}
