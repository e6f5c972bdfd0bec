using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Paging;

/// <summary>
/// What a read has learned of the sizes of a platform's pages. A platform that gives fewer rows to a page than it is asked for makes every page look like
/// the last, so a short page is believed only when a full one was seen, or when asking for the next page brought nothing. What was learned in one
/// partition holds for all, so a stream of thousands of small partitions costs a probe only where a page is as long as the longest that was proven last.
/// </summary>
internal sealed record PageSizes
{
    /// <summary>Totals that count rows which nobody gets are found out after so many probes in vain, and then start no more of them.</summary>
    private const int VainTotalsMax = 3;

    /// <summary>
    /// A page as long as the longest that was proven last may end where the platform's cap ends, by chance. After so many of them with nothing behind, it is
    /// no chance: else a stream whose partitions all have one row would cost twice the requests.
    /// </summary>
    private const int TiesMax = 32;

    public static readonly PageSizes Unknown = new();

    /// <summary>The rows of a page that turned out not to be the last although it was short: what the platform caps pages at. Null: none did.</summary>
    public long? Cap { get; private init; }

    /// <summary>Pages in the middle have different lengths, so a short page says nothing.</summary>
    public bool Vary { get; private init; }

    /// <summary>A page came with all rows that can be asked for.</summary>
    private bool SawFull { get; init; }

    /// <summary>The longest short page that nothing came after.</summary>
    private long LongestLast { get; init; }

    /// <summary>How many pages of that length nothing came after.</summary>
    private int Ties { get; init; }

    /// <summary>Probes that a total asked for and that brought nothing.</summary>
    private int VainTotals { get; init; }

    public bool HeedsTotals => VainTotals < VainTotalsMax;

    public bool IsFull(long rows, long asked) => rows >= Math.Min(asked, Cap ?? asked);

    /// <summary>True when a short page may be taken for the last one without asking for another.</summary>
    public bool IsBelieved(long rows) => !Vary && (SawFull || rows < LongestLast || (rows == LongestLast && Ties >= TiesMax));

    public PageSizes WithPage(long rows, long asked) =>
        rows > Cap && !Vary ? this with { Vary = true } : rows >= asked && !SawFull ? this with { SawFull = true } : this;

    /// <summary>Nothing came after a short page of so many rows.</summary>
    public PageSizes WithLast(long rows) => IsBelieved(rows)
        ? this with { VainTotals = Math.Min(VainTotals + 1, VainTotalsMax) }
        : this with { LongestLast = Math.Max(LongestLast, rows), Ties = rows == LongestLast ? Ties + 1 : 1 };

    /// <summary>
    /// More came after a short page of so many rows: so many are a full page from now on. When longer ones were seen, or short ones of another length, pages
    /// vary: the platform takes rows out of them (hidden ones, or those of others).
    /// </summary>
    public PageSizes WithMore(long rows) => this with { Vary = Vary || SawFull || (Cap is not null && Cap != rows), Cap = Math.Max(Cap ?? 0, rows), SawFull = true };

    public static PageSizes Parse(Value value) => value.Kind != ValueKind.Map ? Unknown : new PageSizes
    {
        Cap = Number(value.Map["cap"]),
        SawFull = value.Map["full"].IsTrue,
        Vary = value.Map["vary"].IsTrue,
        LongestLast = Number(value.Map["last"]) ?? 0,
        Ties = (int)Math.Min(Number(value.Map["ties"]) ?? 0, TiesMax),
        VainTotals = (int)Math.Min(Number(value.Map["vain"]) ?? 0, VainTotalsMax),
    };

    public Value ToValue()
    {
        var map = new ValueMap();
        if (Cap is { } cap)
            map.Set("cap", Value.Of(cap));
        if (SawFull)
            map.Set("full", Value.True);
        if (Vary)
            map.Set("vary", Value.True);
        if (LongestLast > 0)
            map.Set("last", Value.Of(LongestLast));
        if (Ties > 0)
            map.Set("ties", Value.Of(Ties));
        if (VainTotals > 0)
            map.Set("vain", Value.Of(VainTotals));

        return Value.Of(map);
    }

    private static long? Number(Value value) => value is { IsSmallInteger: true, Long: > 0 } ? value.Long : null;
}
