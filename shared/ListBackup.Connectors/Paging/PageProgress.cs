using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Paging;

/// <summary>What has to be known of an interval's earlier pages to go on with it. Part of a read's position.</summary>
internal sealed record PageProgress
{
    public static readonly PageProgress Start = new();

    public long Pages { get; init; }

    /// <summary>Rows that came so far, without those that came twice.</summary>
    public long Rows { get; init; }

    /// <summary>How many rows the platform said last that there are; null when it does not tell.</summary>
    public long? Total { get; init; }

    /// <summary>What it said at first.</summary>
    public long? TotalFirst { get; init; }

    /// <summary>The rows of the short page behind which the next request looks for more; null when it is an ordinary one.</summary>
    public long? Probed { get; init; }

    /// <summary>Stands for all rows of that page.</summary>
    public string? ProbedPage { get; init; }

    /// <summary>Pages without rows that came last, one after the other.</summary>
    public int Empty { get; init; }

    /// <summary>The page had the rows of the one before, and rows without keys may have that by right, once.</summary>
    public bool IsTwin { get; init; }

    /// <summary>What <see cref="NeighbourKeys"/> remembers.</summary>
    public string? Neighbours { get; init; }

    /// <summary>What <see cref="Repetition"/> remembers.</summary>
    public Value Repetition { get; init; } = Value.None;

    public PageProgress Hear(long? total) => total is null ? this : this with { Total = total, TotalFirst = TotalFirst ?? total };

    public static PageProgress? Parse(Value value) => value.Kind != ValueKind.Map ? null : new PageProgress
    {
        Pages = Number(value.Map["pages"]) ?? 0,
        Rows = Number(value.Map["rows"]) ?? 0,
        Total = Number(value.Map["total"]),
        TotalFirst = Number(value.Map["total_first"]) ?? Number(value.Map["total"]),
        Probed = Number(value.Map["probed"]),
        ProbedPage = value.Map["probed_page"] is { IsText: true } page ? page.Text : null,
        Empty = (int)Math.Min(Number(value.Map["empty"]) ?? 0, int.MaxValue),
        IsTwin = value.Map["twin"].IsTrue,
        Neighbours = value.Map["neighbours"] is { IsText: true } keys ? keys.Text : null,
        Repetition = value.Map["repetition"],
    };

    public Value ToValue()
    {
        var map = new ValueMap().Set("pages", Value.Of(Pages)).Set("rows", Value.Of(Rows)).Set("repetition", Repetition);
        Set(map, "total", Total);
        Set(map, "total_first", Total == TotalFirst ? null : TotalFirst);
        Set(map, "probed", Probed);
        if (ProbedPage is not null)
            map.Set("probed_page", Value.Of(ProbedPage));
        if (IsTwin)
            map.Set("twin", Value.True);
        if (Neighbours is not null)
            map.Set("neighbours", Value.Of(Neighbours));
        Set(map, "empty", Empty == 0 ? null : Empty);

        return Value.Of(map);
    }

    private static void Set(ValueMap map, string key, long? number)
    {
        if (number is { } value)
            map.Set(key, Value.Of(value));
    }

    private static long? Number(Value value) => value is { IsSmallInteger: true, Long: >= 0 } ? value.Long : null;
}
