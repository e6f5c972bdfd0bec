using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Cursors;

/// <summary>Reads by a time field, in intervals of a step.</summary>
internal sealed class DatetimeBasedCursor : IncrementalCursor
{
    /// <summary>More intervals than any manifest means; a step of a second over years is a mistake.</summary>
    private const int SlicesMax = 1_000_000;

    public required MinMaxDatetime StartTime { get; init; }

    public required MinMaxDatetime? EndTime { get; init; }

    public required RequestOption? StartOption { get; init; }

    public required RequestOption? EndOption { get; init; }

    public required string OutputFormat { get; init; }

    public required IReadOnlyList<string> CursorFormats { get; init; }

    public required IsoDuration? Step { get; init; }

    public required IsoDuration Granularity { get; init; }

    public required Template? Lookback { get; init; }

    public required Template StartName { get; init; }

    public required Template EndName { get; init; }

    public required bool Strictly { get; init; }

    /// <summary>Intervals are whole periods; null: they are what the step makes them.</summary>
    public required Clamping? Clamping { get; init; }

    public static new DatetimeBasedCursor Parse(ComponentReader reader)
    {
        // The catalogue's own cursor field is a feature of the caller; we always use the manifest's.
        reader.Ignore("allow_catalog_defined_cursor_field");
        var clamping = reader.ComponentOrNull("clamping", nameof(Clamping), Clamping.Parse);
        var step = Duration(reader, "step");
        if (step is not null && step.IsZero)
            throw reader.Problem("step", "A step of nothing never arrives.");

        return reader.Done(new DatetimeBasedCursor
        {
            Field = reader.Template("cursor_field"),
            StartTime = MinMaxDatetime.Parse(reader, "start_datetime") ?? throw reader.Missing("start_datetime"),
            EndTime = MinMaxDatetime.Parse(reader, "end_datetime"),
            StartOption = reader.ComponentOrNull("start_time_option", nameof(RequestOption), RequestOption.Parse),
            EndOption = reader.ComponentOrNull("end_time_option", nameof(RequestOption), RequestOption.Parse),
            OutputFormat = reader.Text("datetime_format"),
            CursorFormats = reader.Texts("cursor_datetime_formats"),
            Step = step,
            Granularity = Duration(reader, "cursor_granularity") ?? (clamping is null ? IsoDuration.Zero : Clamping.GranularityDefault),
            Clamping = clamping,
            Lookback = reader.TemplateOrNull("lookback_window"),
            StartName = reader.TemplateOrNull("partition_field_start") ?? Template.Parse("start_time"),
            EndName = reader.TemplateOrNull("partition_field_end") ?? Template.Parse("end_time"),
            Strictly = reader.Flag("is_compare_strictly"),
            IsGlobal = reader.Flag("global_substream_cursor"),
            IsFeed = reader.Flag("is_data_feed"),
            IsClientSide = reader.Flag("is_client_side_incremental"),
        });
    }

    public override IEnumerable<CursorSlice> Slices(ExpressionContext context, string? state, CursorSlice? after)
    {
        var now = context.Clock.GetUtcNow();
        var end = EndTime?.Evaluate(context, OutputFormat) is { } configured && configured < now ? configured : now;
        var start = StartTime.Evaluate(context, OutputFormat) ?? throw new ConfigException("The start of the reading (start_datetime) is not a time.");
        if (state is not null && Position(state, context) is { } cursor)
        {
            var again = LookbackWindow(context).Negated().After(cursor.Time.At);
            start = again > start ? again : start;
        }

        if (Clamping is not null)
        {
            start = Clamping.Floor(start, context);
            end = Granularity.Negated().After(Clamping.Floor(end, context));
        }

        if (after is not null)
            start = Granularity.After(after.End.Time.At);
        else if (start > end && Clamping is null)
            start = end;

        // Times go out in the manifest's format, so an interval cannot be finer than the format.
        for (var count = 0; count < SlicesMax; count++)
        {
            if (Strictly || after is not null ? start >= end : start > end)
                yield break;

            var next = Step is null ? DateTimeOffset.MaxValue : Clamping?.Ceiling(Step.After(start), context) ?? Step.After(start);
            var until = next > end ? end : Later(start, Granularity.Negated().After(next), end);
            yield return Slice(start, until, context);
            if (next > end)
                yield break;
            start = next;
        }

        throw new ConfigException($"The reading would take more than {SlicesMax:N0} intervals; a later start is needed.");
    }

    public override void Inject(RequestParts parts, CursorSlice slice, ExpressionContext context)
    {
        StartOption?.Inject(parts, slice.Fields[StartName.EvaluateText(context) ?? ""], context);
        EndOption?.Inject(parts, slice.Fields[EndName.EvaluateText(context) ?? ""], context);
    }

    public override Value? Position(string text, ExpressionContext context)
    {
        foreach (var format in CursorFormats)
        {
            if (Times.Parse(text, format) is { } at)
                return Value.Of(at);
        }

        return (Times.Parse(text, OutputFormat) ?? Times.ParseLoose(text)) is { } loose ? Value.Of(loose) : null;
    }

    public override string Format(Value position) => Times.Format(new Moment(position.Time.At.ToUniversalTime(), true), OutputFormat);

    private CursorSlice Slice(DateTimeOffset start, DateTimeOffset end, ExpressionContext context)
    {
        var fields = new ValueMap()
            .Set(StartName.EvaluateText(context) ?? "", Value.Of(Format(Value.Of(start))))
            .Set(EndName.EvaluateText(context) ?? "", Value.Of(Format(Value.Of(end))));

        return new CursorSlice(fields, Value.Of(start), Value.Of(end));
    }

    private IsoDuration LookbackWindow(ExpressionContext context) =>
        Lookback?.EvaluateText(context) is { } text ? IsoDuration.Parse(text) ?? throw new ConfigException("The lookback window is not a duration of ISO 8601.") : IsoDuration.Zero;

    private static DateTimeOffset Later(DateTimeOffset start, DateTimeOffset until, DateTimeOffset end) => until < start ? start : until > end ? end : until;

    private static IsoDuration? Duration(ComponentReader reader, string key)
    {
        if (reader.TextOrNull(key) is not { } text)
            return null;

        return IsoDuration.Parse(text) ?? throw reader.Problem(key, "A duration of ISO 8601 is wanted: P1D, PT1S.");
    }
}

/// <summary>A time with limits.</summary>
internal sealed record MinMaxDatetime(Template Datetime, Template? Format, Template? Min, Template? Max)
{
    public static MinMaxDatetime? Parse(ComponentReader reader, string key)
    {
        var value = reader.Raw(key);
        if (value.IsNothing)
            return null;
        if (value.Kind != ValueKind.Map)
            return new MinMaxDatetime(reader.Template(key), null, null, null);

        return reader.Component(key, nameof(MinMaxDatetime), static inner => inner.Done(new MinMaxDatetime(
            inner.Template("datetime"), inner.TemplateOrNull("datetime_format"), inner.TemplateOrNull("min_datetime"), inner.TemplateOrNull("max_datetime"))));
    }

    /// <summary>The time, or null when it is not given.</summary>
    public DateTimeOffset? Evaluate(ExpressionContext context, string fallbackFormat)
    {
        var format = Format?.EvaluateText(context) is { Length: > 0 } own ? own : fallbackFormat;
        if (Read(Datetime, context, format) is not { } at)
            return null;
        if (Min is not null && Read(Min, context, format) is { } least && at < least)
            at = least;
        if (Max is not null && Read(Max, context, format) is { } most && at > most)
            at = most;

        return at;
    }

    private static DateTimeOffset? Read(Template template, ExpressionContext context, string format) =>
        template.EvaluateText(context) is { } text ? Times.Parse(text, format) ?? Times.ParseLoose(text) : null;
}
