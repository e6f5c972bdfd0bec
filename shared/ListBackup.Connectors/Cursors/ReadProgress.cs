using System.Collections.Immutable;
using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Cursors;

/// <summary>
/// What a read knows of itself as a whole. It goes with the position of every page, so that a read which was stopped and resumed, however often, ends
/// where an uninterrupted one ends and is judged as one.
/// </summary>
internal sealed record ReadProgress
{
    /// <summary>When the read began: the time up to which it reads.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>The platform's own clock at that time, where it is behind ours: no cursor moves beyond it.</summary>
    public DateTimeOffset? Bound { get; init; }

    /// <summary>It ignores cursors and reads everything.</summary>
    public bool IsFullRefresh { get; init; }

    /// <summary>The highest cursor of all partitions, as exactly as it came.</summary>
    public string? Highest { get; init; }

    /// <summary>The sum of what the platform said of the intervals that were read.</summary>
    public long? Total { get; init; }

    /// <summary>Partitions that were read to their end.</summary>
    public long Partitions { get; init; }

    /// <summary>Intervals that were read to their end.</summary>
    public long Intervals { get; init; }

    /// <summary>Why something is missing, and how often.</summary>
    public ImmutableSortedDictionary<CutReason, long> Gaps { get; init; } = ImmutableSortedDictionary<CutReason, long>.Empty;

    public ImmutableSortedSet<CoverageNote> Notes { get; init; } = [];

    /// <summary>There are more partitions than the state holds.</summary>
    public bool IsOverflowing { get; init; }

    public bool IsFiner { get; init; }

    public bool IsEndWhole { get; init; }

    public PageSizes Sizes { get; init; } = PageSizes.Unknown;

    public DonePartitions.Snapshot Done { get; init; }

    public ReadProgress WithGap(CutReason reason, long count = 1) => this with { Gaps = Gaps.SetItem(reason, Gaps.GetValueOrDefault(reason) + count) };

    public ReadProgress With(CoverageNote note) => Notes.Contains(note) ? this : this with { Notes = Notes.Add(note) };

    /// <summary>Null when the text is none of a place that this engine wrote.</summary>
    public static ReadProgress? Parse(Value value) => value.Kind != ValueKind.Map || Time(value.Map["began"]) is not { } began ? null : new ReadProgress
    {
        Began = began,
        Bound = Time(value.Map["bound"]),
        IsFullRefresh = value.Map["full_refresh"].IsTrue,
        Highest = value.Map["highest"] is { IsText: true } highest ? highest.Text : null,
        Total = value.Map["total"] is { IsSmallInteger: true } total ? total.Long : null,
        Partitions = value.Map["partitions"] is { IsSmallInteger: true } partitions ? partitions.Long : 0,
        Intervals = value.Map["intervals"] is { IsSmallInteger: true } intervals ? intervals.Long : 0,
        Gaps = ParseGaps(value.Map["gaps"]),
        Notes = ParseNotes(value.Map["notes"]),
        IsOverflowing = value.Map["overflowing"].IsTrue,
        IsFiner = value.Map["finer"].IsTrue,
        IsEndWhole = value.Map["end_whole"].IsTrue,
        Sizes = PageSizes.Parse(value.Map["page_sizes"]),
    };

    public Value ToValue()
    {
        var map = new ValueMap().Set("began", Value.Of(Spelled(Began)));
        Set("bound", Bound is { } bound ? Value.Of(Spelled(bound)) : Value.None);
        Set("full_refresh", Flag(IsFullRefresh));
        Set("highest", Value.Of(Highest));
        Set("total", Total is { } total ? Value.Of(total) : Value.None);
        Set("partitions", Partitions > 0 ? Value.Of(Partitions) : Value.None);
        Set("intervals", Intervals > 0 ? Value.Of(Intervals) : Value.None);
        Set("gaps", Gaps.IsEmpty ? Value.None : Value.Of(Gaps.Aggregate(new ValueMap(), (gaps, gap) => gaps.Set(gap.Key.ToString(), Value.Of(gap.Value)))));
        Set("notes", Notes.IsEmpty ? Value.None : Value.Of(Notes.Select(note => note.ToString())));
        Set("overflowing", Flag(IsOverflowing));
        Set("finer", Flag(IsFiner));
        Set("end_whole", Flag(IsEndWhole));
        Set("page_sizes", Sizes == PageSizes.Unknown ? Value.None : Sizes.ToValue());
        Set("done", Done.ToValue());

        return Value.Of(map);

        void Set(string key, Value value)
        {
            if (!value.IsNothing)
                map.Set(key, value);
        }
    }

    /// <summary>The times of a read are kept in microseconds, so that they are the same after they were written.</summary>
    public static DateTimeOffset Whole(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond)).ToUniversalTime();

    private static Value Flag(bool flag) => flag ? Value.True : Value.None;

    private static string Spelled(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(Value value) => value.IsText ? IsoTime.Parse(value.Text) : null;

    private static ImmutableSortedDictionary<CutReason, long> ParseGaps(Value value)
    {
        var gaps = ImmutableSortedDictionary.CreateBuilder<CutReason, long>();
        if (value.Kind == ValueKind.Map)
        {
            foreach (var (name, count) in value.Map)
            {
                if (Enum.TryParse<CutReason>(name, out var reason) && count is { IsSmallInteger: true })
                    gaps[reason] = count.Long;
            }
        }

        return gaps.ToImmutable();
    }

    private static ImmutableSortedSet<CoverageNote> ParseNotes(Value value) => value.Kind != ValueKind.List
        ? []
        : [.. value.List.Where(name => name.IsText && Enum.TryParse<CoverageNote>(name.Text, out _)).Select(name => Enum.Parse<CoverageNote>(name.Text))];
}
