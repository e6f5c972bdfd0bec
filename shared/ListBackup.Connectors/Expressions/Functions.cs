using System.Globalization;
using System.Text.RegularExpressions;

namespace ListBackup.Connectors.Expressions;

/// <summary>The functions of the language.</summary>
internal static partial class Functions
{
    private const string DayDeltaFormat = "%Y-%m-%dT%H:%M:%S.%f%z";

    public static Function? Find(string name) => name switch
    {
        "now_utc" => static (frame, _) => Value.Of(Now(frame)),
        "today_utc" => static (frame, _) => Value.Of(DateOnly.FromDateTime(Now(frame).UtcDateTime)),
        "today_with_timezone" => TodayWithTimezone,
        "timestamp" => Timestamp,
        "str_to_datetime" => static (_, arguments) => Value.Of(AsTime(arguments.Get(0, "s"))),
        "format_datetime" => FormatDatetime,
        "day_delta" => DayDelta,
        "duration" => static (_, arguments) => Value.Of(
            IsoDuration.Parse(arguments.Text(0, "datestring")) ?? throw new ExpressionException("A text is not a duration of ISO 8601.") { IsOfValue = true }),
        "max" => static (_, arguments) => Extreme(arguments, 1),
        "min" => static (_, arguments) => Extreme(arguments, -1),
        "sanitize_url" => static (_, arguments) => Value.Of(Encodings.Quote(arguments.Text(0, "value"), "/")),
        "camel_case_to_snake_case" => static (_, arguments) => Value.Of(SnakeCase(arguments.Text(0, "value"))),
        "generate_uuid" => static (_, _) => Value.Of(Guid.NewGuid().ToString()),
        _ => null,
    };

    /// <summary>A time out of a time, a date or any text that reads as one. Without a zone it is UTC.</summary>
    public static DateTimeOffset AsTime(Value value) => value.Kind switch
    {
        ValueKind.Time => value.Time.At,
        ValueKind.Date => new DateTimeOffset(value.Date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
        ValueKind.Text => Times.ParseLoose(value.Text) ?? throw new ExpressionException("A text is not a time.") { IsOfValue = true },
        ValueKind.Integer => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(value.Long, -62135596800, 253402300799)),
        _ when value.IsUndefined => throw new UndefinedUseException(),
        _ => throw new TypeMismatchException("a time is wanted"),
    };

    public static string SnakeCase(string value) => CaseBorder().Replace(value, "_").ToLowerInvariant();

    /// <summary>Python counts microseconds; what our clock knows beyond would show up in no format and break equality.</summary>
    private static DateTimeOffset Now(Frame frame)
    {
        var now = frame.Context.Clock.GetUtcNow();

        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static Value TodayWithTimezone(Frame frame, Arguments arguments)
    {
        try
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(arguments.Text(0, "timezone"));

            return Value.Of(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now(frame), zone).DateTime));
        }
        catch (TimeZoneNotFoundException)
        {
            throw new ExpressionException("A time zone is not known.") { IsOfValue = true };
        }
    }

    private static Value Timestamp(Frame frame, Arguments arguments)
    {
        var value = arguments.Get(0, "dt");

        return value.Kind switch
        {
            ValueKind.Integer => value,
            ValueKind.Float => Value.Of((long)value.Double),
            _ => Value.Of(Times.Timestamp(AsTime(value))),
        };
    }

    private static Value FormatDatetime(Frame frame, Arguments arguments)
    {
        var value = arguments.Get(0, "dt");
        var format = arguments.Text(1, "format");
        if (value.Kind == ValueKind.Time)
            return Value.Of(Times.Format(value.Time, format));
        if (value.IsUndefined)
            throw new UndefinedUseException();

        var at = arguments.TextOrNull(2, "input_format") is { } inputFormat
            ? value.IsNone
                ? throw new TypeMismatchException("a time is wanted")
                : Times.Parse(PythonText.Str(value), inputFormat) ?? throw new ExpressionException("A text does not follow its time format.") { IsOfValue = true }
            : AsTime(value);

        return Value.Of(Times.Format(new Moment(at, true), format));
    }

    private static Value DayDelta(Frame frame, Arguments arguments)
    {
        var days = arguments.Get(0, "num_days");
        if (!days.IsNumber)
            throw new TypeMismatchException("a number of days is wanted");
        var at = new IsoDuration(0, TimeSpan.FromDays(Math.Clamp(days.Double, -3_660_000, 3_660_000))).After(Now(frame));

        return Value.Of(Times.Format(new Moment(at, true), arguments.TextOrNull(1, "format") ?? DayDeltaFormat));
    }

    private static Value Extreme(Arguments arguments, int direction)
    {
        var values = arguments.Count == 1 ? Sequences.Of(arguments.Required(0)) : arguments.Positional;
        if (values.Count == 0)
            throw new ExpressionException("max and min want at least one value.");

        var best = values[0];
        for (var at = 1; at < values.Count; at++)
        {
            if (Operators.Compare(values[at], best) * direction > 0)
                best = values[at];
        }

        return best.IsUndefined ? throw new UndefinedUseException() : best;
    }

    [GeneratedRegex("(?<!^)(?=[A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex CaseBorder();
}
