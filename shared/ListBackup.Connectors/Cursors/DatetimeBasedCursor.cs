using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Cursors;

/// <summary>Reads by a time field, in intervals of a step.</summary>
internal sealed class DatetimeBasedCursor : IncrementalCursor
{
    /// <summary>More intervals than any manifest means; a step of a second over years is a mistake.</summary>
    private const int SlicesMax = 1_000_000;

    /// <summary>No format that names a time is coarser than a month.</summary>
    private static readonly TimeSpan FormatCoarsest = TimeSpan.FromDays(32);

    /// <summary>Clocks of serious platforms, and of time zones that somebody forgot, differ by less.</summary>
    private static readonly TimeSpan SkewMax = TimeSpan.FromDays(1);

    public required MinMaxDatetime StartTime { get; init; }

    public required MinMaxDatetime? EndTime { get; init; }

    public required RequestOption? StartOption { get; init; }

    public required RequestOption? EndOption { get; init; }

    public required string OutputFormat { get; init; }

    public required IReadOnlyList<string> CursorFormats { get; init; }

    /// <summary>The length of an interval; null: there is one interval.</summary>
    public required StepLength? Step { get; init; }

    public required IsoDuration Granularity { get; init; }

    /// <summary>The granularity on a clock; a month has no more than so many days.</summary>
    private TimeSpan GranuleMax => Granularity.Span + TimeSpan.FromDays(31 * Granularity.Months);

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

        return reader.Done(new DatetimeBasedCursor
        {
            Field = reader.Template("cursor_field"),
            StartTime = MinMaxDatetime.Parse(reader, "start_datetime") ?? throw reader.Missing("start_datetime"),
            EndTime = MinMaxDatetime.Parse(reader, "end_datetime"),
            StartOption = reader.ComponentOrNull("start_time_option", nameof(RequestOption), RequestOption.Parse),
            EndOption = reader.ComponentOrNull("end_time_option", nameof(RequestOption), RequestOption.Parse),
            OutputFormat = reader.Text("datetime_format"),
            CursorFormats = reader.Texts("cursor_datetime_formats"),
            Step = StepLength.ParseOrNull(reader, "step"),
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

    public override IEnumerable<CursorSlice> Slices(ExpressionContext context, Value? from, CursorSlice? after, CursorSight sight)
    {
        var (first, end) = Bounds(context, from);
        if (after is { Next.IsNone: true })
            yield break;

        var start = after is null ? first : after.Next.Time.At;
        var step = Step?.Evaluate(context);
        for (var count = 0; count < SlicesMax; count++)
        {
            if (start > end)
                yield break;

            var next = step is null ? DateTimeOffset.MaxValue : Clamping?.Ceiling(step.After(start), context) ?? step.After(start);
            var isLast = next > end;
            var until = isLast ? end : Later(start, Granularity.Negated().After(next), end);
            var begin = (count > 0 || after is not null) && sight.MustOverlap ? Granularity.Negated().After(start) : start;
            if (Strictly && Text(begin) == Text(until))
            {
                // A platform that refuses an empty interval gets none. What lies in the read's last instant belongs to the next read; before, the interval grows.
                if (isLast)
                    yield break;
                until = next;
            }

            yield return Slice(begin, until, isLast ? Value.None : Value.Of(next), context);
            if (isLast)
                yield break;
            start = next;
        }

        throw new ConfigException($"The reading would take more than {SlicesMax:N0} intervals; a later start is needed.");
    }

    public override CursorSlice From(CursorSlice slice, Value position, ExpressionContext context) =>
        Slice(position.Time.At, slice.End.Time.At, slice.Next, context);

    public override void Inject(RequestParts parts, CursorSlice slice, ExpressionContext context)
    {
        StartOption?.Inject(parts, slice.Fields[StartName.EvaluateText(context) ?? ""], context);
        EndOption?.Inject(parts, slice.Fields[EndName.EvaluateText(context) ?? ""], context);
    }

    /// <summary>The format that is tried first. Only what it does not read is tried with the others, so it alone decides about what it reads.</summary>
    private TimeShape? Shape => field ??= TimeShape.Of(CursorFormats.Count > 0 ? CursorFormats[0] : OutputFormat);

    protected override Value? PositionOfJson(ReadOnlySpan<byte> json) =>
        json is [(byte)'"', .. var text, (byte)'"'] && text.IndexOf((byte)'\\') < 0 && Shape?.Read(text) is { } at ? Value.Of(at) : null;

    public override Value? Position(string text, ExpressionContext context)
    {
        foreach (var format in CursorFormats)
        {
            if (Parse(text, format) is { } at)
                return Value.Of(at);
        }

        return (Parse(text, OutputFormat) ?? Times.ParseLoose(text)) is { } loose ? Value.Of(loose) : null;
    }

    /// <summary>States are in the format of requests: a format of records could read the same digits as another time.</summary>
    public override Value? StatePosition(string text, ExpressionContext context) => Parse(text, OutputFormat) is { } at ? Value.Of(at) : Position(text, context);

    public override string Format(Value position) => Text(position.Time.At);

    public override string Exact(Value position) => position.Time.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public override Value? FromExact(string text, ExpressionContext context) => IsoTime.Parse(text) is { } at ? Value.Of(at) : StatePosition(text, context);

    public override Value? Trusted(Value position, TimeSpan lookBack, ExpressionContext context)
    {
        var now = context.Clock.GetUtcNow();
        var at = position.Time.At;
        if (at - now > SkewMax)
            return null;

        // Clocks differ by as much as the cursor is ahead, so what was written that long before now may carry an earlier time than it.
        if (at > now)
            at = now - (at - now);

        return Value.Of(at - DateTimeOffset.MinValue > lookBack ? at - lookBack : DateTimeOffset.MinValue);
    }

    public override Value Bounded(Value position, DateTimeOffset bound) => position.Time.At > bound ? Value.Of(bound) : position;

    public override bool Meets(Value end, Value start) => start.Time.At <= Granularity.After(end.Time.At);

    public override void Look(Value position, CursorSlice slice, CursorSight sight)
    {
        if (slice.End.IsNone)
            return;

        var at = position.Time.At;
        var behind = at - slice.End.Time.At;
        var isLast = slice.Next.IsNone;

        // What was written while we read lies behind the last interval and is welcome.
        if (slice.Start.Time.At - at > GranuleMax || (!isLast && behind > GranuleMax))
            sight.RowsOutside++;
        else
            sight.RowsInside++;
        if (Granularity is { Months: 0, Span.Ticks: > 0 and var ticks } && at.UtcTicks % ticks != 0)
        {
            sight.IsFiner = true;
            sight.IsEndWhole |= !isLast && behind > TimeSpan.Zero && behind < Granularity.Span;
        }
    }

    /// <summary>Where the reading starts and ends.</summary>
    private (DateTimeOffset Start, DateTimeOffset End) Bounds(ExpressionContext context, Value? from)
    {
        var now = context.Clock.GetUtcNow();
        var end = EndTime?.Evaluate(context, OutputFormat) is { } configured && configured < now ? configured : now;
        var start = StartTime.Evaluate(context, OutputFormat) ?? throw new ConfigException("The start of the reading (start_datetime) is not a time.");
        if (from is { } cursor && cursor.Time.At > start)
        {
            var again = LookbackWindow(context).Negated().After(cursor.Time.At);
            start = again > start ? again : start;
        }

        if (Clamping is not null)
            return (Clamping.Floor(start, context), Granularity.Negated().After(Clamping.Floor(end, context)));

        return (start > end ? end : start, end);
    }

    /// <summary>Times go out in the manifest's format, so an interval cannot be finer than the format; what is compared with its start is compared with what was sent.</summary>
    private CursorSlice Slice(DateTimeOffset start, DateTimeOffset end, Value next, ExpressionContext context)
    {
        var fields = new ValueMap()
            .Set(StartName.EvaluateText(context) ?? "", Value.Of(Text(start)))
            .Set(EndName.EvaluateText(context) ?? "", Value.Of(Text(end)));
        var sent = Times.Parse(Text(start), OutputFormat) is { } parsed && parsed <= start && start - parsed < FormatCoarsest ? parsed : start;

        return new CursorSlice(fields, Value.Of(sent), Value.Of(end), next);
    }

    private string Text(DateTimeOffset at) => Times.Format(new Moment(at.ToUniversalTime(), true), OutputFormat);

    /// <summary>Epochs also come with a fraction that their format does not have: 1700000000.0.</summary>
    private static DateTimeOffset? Parse(string text, string format) => Times.Parse(text, format)
        ?? (format is "%s" or "%ms" or "%epoch_microseconds" && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? Times.Parse(decimal.Floor(number).ToString(CultureInfo.InvariantCulture), format)
            : null);

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
        Spelled(template, context) is { } text ? Times.Parse(text, format) ?? Times.ParseLoose(text) : null;

    /// <summary>A time in quotes, which the language takes for the text in them.</summary>
    private static string? Spelled(Template template, ExpressionContext context) => template.Evaluate(context) is { IsText: true } value ? value.Text : template.EvaluateText(context);
}
