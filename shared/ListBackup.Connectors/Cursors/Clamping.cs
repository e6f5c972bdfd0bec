using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Cursors;

/// <summary>
/// Intervals of whole days, weeks or months, for platforms that only report those. The first interval starts with the period that the reading starts in,
/// so that nothing of it is passed over; a period that is not over yet is left for a later read.
/// </summary>
internal sealed record Clamping(Template Target, Template? Weekday)
{
    /// <summary>The end of a period is this much before the next one when the cursor names no granularity.</summary>
    public static readonly IsoDuration GranularityDefault = new(0, TimeSpan.FromSeconds(1));

    public static Clamping Parse(ComponentReader reader)
    {
        var target = reader.Template("target");
        var weekday = reader.ComponentOrNull("target_details", "target_details", static inner => inner.Done(new Details(inner.TemplateOrNull("weekday"))))?.Weekday;
        if (target.IsConstant && target.Source is not ("DAY" or "WEEK" or "MONTH"))
            throw reader.Problem("target", $"'{target.Source}' is not one of DAY, WEEK, MONTH.");
        if (target.Source == "WEEK" && weekday is null)
            throw reader.Missing("target_details.weekday");
        if (weekday is { IsConstant: true } && Parsed(weekday.Source) is null)
            throw reader.Problem("target_details.weekday", $"'{weekday.Source}' is no day of the week.");

        return reader.Done(new Clamping(target, weekday));
    }

    /// <summary>The start of the period that a time lies in.</summary>
    public DateTimeOffset Floor(DateTimeOffset at, ExpressionContext context)
    {
        var day = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero);

        return Target.EvaluateText(context) switch
        {
            "DAY" => day,
            "WEEK" => day.AddDays(-((day.DayOfWeek - FirstDay(context) + 7) % 7)),
            "MONTH" => day.AddDays(1 - day.Day),
            _ => throw new ConfigException("The period that intervals are clamped to is none of DAY, WEEK and MONTH."),
        };
    }

    /// <summary>The start of the period that begins at a time or next after it.</summary>
    public DateTimeOffset Ceiling(DateTimeOffset at, ExpressionContext context)
    {
        var floor = Floor(at, context);

        return floor == at ? floor : Target.EvaluateText(context) switch
        {
            "DAY" => floor.AddDays(1),
            "WEEK" => floor.AddDays(7),
            _ => floor.AddMonths(1),
        };
    }

    private DayOfWeek FirstDay(ExpressionContext context) =>
        Parsed(Weekday?.EvaluateText(context)) ?? throw new ConfigException("The day that weeks start with is no day of the week.");

    private static DayOfWeek? Parsed(string? text) =>
        text is not null && !char.IsAsciiDigit(text.FirstOrDefault()) && Enum.TryParse<DayOfWeek>(text, ignoreCase: true, out var day) && Enum.IsDefined(day) ? day : null;

    private sealed record Details(Template? Weekday);
}
