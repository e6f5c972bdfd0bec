using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A stream's cursor as the platform would understand it: a field of the records, and two parameters that filter by it.</summary>
internal sealed class FakeCursor
{
    private readonly Component _component;

    /// <param name="computedFrom">The format of the text that the cursor is computed from, where a transformation computes it.</param>
    public FakeCursor(Component component, ExpressionContext context, string? computedFrom)
    {
        _component = component;
        Field = component.Template(component.Text("cursor_field") ?? "").EvaluateText(context) ?? "";
        IsCount = component.Type == "IncrementingCountCursor";
        Format = component.Text("datetime_format") ?? "%Y-%m-%dT%H:%M:%S.%f%z";
        RecordFormat = computedFrom ?? (component.Texts("cursor_datetime_formats") is [var first, ..] ? first : Format);
        StartName = Rendered("partition_field_start", context) ?? "start_time";
        EndName = Rendered("partition_field_end", context) ?? "end_time";
        Lookback = Rendered("lookback_window", context) is { } window ? IsoDuration.Parse(window) : null;
        Start = component["start_datetime"] switch
        {
            string text => Time(Text(component.Template(text), context), Format),
            Dictionary<string, object?> => Time(component.Child("start_datetime")!, context),
            _ => null,
        };
    }

    public string Field { get; }

    public bool IsCount { get; }

    /// <summary>How times are written in requests.</summary>
    public string Format { get; }

    /// <summary>How times are written in records.</summary>
    public string RecordFormat { get; }

    public string StartName { get; }

    public string EndName { get; }

    public IsoDuration? Lookback { get; }

    /// <summary>Where a first read starts; null when the configuration does not say.</summary>
    public DateTimeOffset? Start { get; }

    /// <summary>Newest first: reading ends at the first record that is too old.</summary>
    public bool IsFeed => _component.Flag("is_data_feed");

    public bool IsClientSide => _component.Flag("is_client_side_incremental") || IsCount;

    public Component? StartOption => _component.Child(IsCount ? "start_value_option" : "start_time_option");

    public Component? EndOption => _component.Child("end_time_option");

    /// <summary>A time in a record, as JSON.</summary>
    public string Write(DateTimeOffset at, bool asNumber)
    {
        var text = Times.Format(new Moment(at.ToUniversalTime(), true), RecordFormat);

        return asNumber && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? text : $"\"{text}\"";
    }

    /// <summary>A time as exact as <paramref name="format"/> can tell it.</summary>
    public static DateTimeOffset Truncated(DateTimeOffset at, string format) => Parse(Times.Format(new Moment(at.ToUniversalTime(), true), format), format) ?? at;

    public static DateTimeOffset? Parse(string text, string format) => Times.Parse(text, format) ?? Times.ParseLoose(text);

    private DateTimeOffset? Time(Component minMax, ExpressionContext context)
    {
        var format = minMax.Text("datetime_format") is { Length: > 0 } own ? minMax.Template(own).EvaluateText(context) ?? Format : Format;
        var at = Time(Text(minMax.Template(minMax.Text("datetime") ?? ""), context), format);
        var least = minMax.Text("min_datetime") is { } min ? Time(minMax.Template(min).EvaluateText(context), format) : null;
        var most = minMax.Text("max_datetime") is { } max ? Time(minMax.Template(max).EvaluateText(context), format) : null;

        return at is null ? null : least > at ? least : most < at ? most : at;
    }

    /// <summary>By the language a text in quotes is the text in them.</summary>
    private static string? Text(Template template, ExpressionContext context) => template.Evaluate(context) is { IsText: true } value ? value.Text : template.EvaluateText(context);

    private static DateTimeOffset? Time(string? text, string format) => text is null ? null : Parse(text, format);

    private string? Rendered(string key, ExpressionContext context) => _component.Text(key) is { Length: > 0 } text ? _component.Template(text).EvaluateText(context) : null;
}
