namespace ListBackup.Sources;

/// <summary>
/// What is usual for a series of counts: the median and the spread (median absolute deviation) of their logarithms. Both stand still when up to half of the series is
/// wild, and logarithms make 10 to 20 the same step as 1,000 to 2,000. See ADR 31.
/// </summary>
internal sealed record Baseline
{
    /// <summary>Fewer points say nothing of what is usual.</summary>
    public const int PointsMin = 6;

    /// <summary>So many spreads above the median is unusual.</summary>
    private const double SpreadsMax = 4.5;

    /// <summary>Makes a handful more or less of small counts what it is, chance: the logarithm of 1 is far from that of 3, that of 11 near that of 13.</summary>
    private const double Offset = 10;

    /// <summary>Of so many points the limit is twice as wide as of very many.</summary>
    private const double FewPoints = 4;

    /// <summary>A series without any spread may still double tomorrow by chance: a fifth (on the scale of logarithms) is the least that is taken for its spread.</summary>
    private const double SpreadMin = 0.2;

    /// <summary>Makes the median absolute deviation of a normal distribution its standard deviation.</summary>
    private const double MadToDeviation = 1.4826;

    // A season needs four of its days, and must explain much of what looks like noise.
    private const int SeasonPointsMin = 4;
    private const int SeasonDaysMin = 28;
    private const double SeasonSpreadMax = 0.6;

    /// <summary>Whatever the spread, so many times the most that ever came is unusual: a series of two levels, such as workdays and weekends, has a spread that hides much.</summary>
    private const double TimesMostMax = 4;

    private readonly double _most;

    private Baseline(double median, double spread, int points, double most) => (Median, Spread, Points, _most) = (median, spread, points, most);

    /// <summary>Of the logarithms.</summary>
    public double Median { get; }

    public double Spread { get; }

    public int Points { get; }

    /// <summary>What usually comes.</summary>
    public double Usual => Math.Exp(Median) - Offset;

    /// <summary>What comes on an unusual but possible day: more is an anomaly. Few points know little, so their limit is wider.</summary>
    public double Limit => Math.Exp(Math.Min(Median + (SpreadsMax * Spread * (1 + (FewPoints / Points))), _most + Math.Log(TimesMostMax))) - Offset;

    /// <summary>Null: there are too few points.</summary>
    /// <param name="series">Counts with their days.</param>
    /// <param name="day">The day that is to be judged: where the series goes by weekdays, its own are what counts.</param>
    public static Baseline? Of(IReadOnlyList<(DayOfWeek Day, double Count)> series, DayOfWeek day)
    {
        if (series.Count < PointsMin) return null;
        var logs = series.Select(s => (s.Day, Log: Math.Log(Offset + s.Count))).ToList();
        var all = From([.. logs.Select(l => l.Log)]);
        if (series.Count < SeasonDaysMin) return all;
        var days = logs.GroupBy(l => l.Day).ToDictionary(g => g.Key, g => g.Select(l => l.Log).ToList());
        if (!days.TryGetValue(day, out var own) || own.Count < SeasonPointsMin) return all;
        var medians = days.ToDictionary(d => d.Key, d => MiddleOf(d.Value));
        var left = SpreadOf([.. logs.Select(l => l.Log - medians[l.Day])], 0);
        var spreadOfAll = SpreadOf([.. logs.Select(l => l.Log)], all.Median);
        if (left > spreadOfAll * SeasonSpreadMax) return all;
        return new(medians[day], Math.Max(left, SpreadMin), own.Count, all._most);
    }

    /// <summary>The middle of the values; of an even number of them, the mean of the two in the middle.</summary>
    public static double MedianOf(IReadOnlyList<double> values) => MiddleOf([.. values]);

    /// <summary>The median absolute deviation from a middle, as a standard deviation.</summary>
    public static double SpreadOf(IReadOnlyList<double> values, double middle) => MadToDeviation * MiddleOf([.. values.Select(v => Math.Abs(v - middle))]);

    private static Baseline From(List<double> logs)
    {
        var median = MiddleOf(logs);
        return new(median, Math.Max(SpreadOf(logs, median), SpreadMin), logs.Count, logs.Max());
    }

    private static double MiddleOf(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
