namespace ListBackup.Sources.Tests;

/// <summary>A stream that behaves the same every day, by the numbers it is given: what its readings bring, as history has them.</summary>
/// <param name="Live">Records at the start.</param>
/// <param name="ChangesPerDay">On a middling day.</param>
/// <param name="ChurnPerDay">The share of the records that goes on a middling day, and as many come.</param>
/// <param name="Burst">How much days differ: the deviation of the logarithm of their middling count. 0: only by chance (Poisson).</param>
/// <param name="WeekendShare">What comes on Saturdays and Sundays, as a share of other days.</param>
/// <param name="RunsPerDay">Readings per day.</param>
/// <param name="SweepEvery">Every so many readings is a sweep; the others are by cursor and see no deletions. 1: all are.</param>
/// <param name="Fill">Share of records with a value in the one optional field.</param>
public sealed record SimulatedStream(
    int Live, double ChangesPerDay, double ChurnPerDay, double Burst, double WeekendShare, int RunsPerDay, int SweepEvery, double Fill)
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<StreamPoint> Points(int count, Random random)
    {
        var (points, live, unseen) = (new List<StreamPoint>(), (long)Live, 0L);
        for (var i = 0; i < count; i++)
        {
            var at = s_start + (TimeSpan.FromDays(1) / RunsPerDay * i);
            var isSweep = i % SweepEvery == 0;
            var factor = (at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WeekendShare : 1) * Math.Exp(Burst * Normal(random)) / RunsPerDay;
            var before = live;
            var added = Poisson(Live * ChurnPerDay * factor, random);
            unseen = Math.Min(live, unseen + Poisson((live - unseen) * ChurnPerDay * factor, random));
            var deleted = isSweep ? unseen : 0;
            unseen -= deleted;
            var changed = Math.Min(live - deleted, Poisson(ChangesPerDay * factor, random));
            live += added - deleted;
            var seen = isSweep ? live : added + changed;
            points.Add(new()
            {
                Seq = i + 1, At = at, IsSweep = isSweep, Before = i == 0 ? 0 : before, Live = live, Added = added, Changed = changed, Deleted = deleted,
                Fill = new(seen, new Dictionary<string, long> { ["id"] = seen, ["email"] = Binomial(seen, Fill, random) }, false),
            });
        }
        return points;
    }

    /// <summary>Judges every reading by those before it, as a committer does.</summary>
    public static IReadOnlyList<Anomaly> JudgeAll(IReadOnlyList<StreamPoint> points)
    {
        var (history, anomalies) = (new StreamHistory { Stream = "contacts" }, new List<Anomaly>());
        foreach (var point in points)
        {
            anomalies.AddRange(Anomalies.Find("contacts", history.Points, point));
            history = history.With(point);
        }
        return anomalies;
    }

    public static IReadOnlyList<Anomaly> JudgeNext(IReadOnlyList<StreamPoint> points, Func<StreamPoint, StreamPoint> happens)
    {
        var history = points.SkipLast(1).Aggregate(new StreamHistory { Stream = "contacts" }, (h, p) => h.With(p));
        return Anomalies.Find("contacts", history.Points, happens(points[^1]));
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static long Poisson(double mean, Random random)
    {
        if (mean > 100) return Math.Max(0, (long)Math.Round(mean + (Math.Sqrt(mean) * Normal(random))));
        var (limit, count, product) = (Math.Exp(-mean), 0L, random.NextDouble());
        for (; product > limit; count++) product *= random.NextDouble();
        return count;
    }

    private static long Binomial(long of, double share, Random random) => of > 200
        ? Math.Clamp((long)Math.Round((of * share) + (Math.Sqrt(of * share * (1 - share)) * Normal(random))), 0, of)
        : Enumerable.Range(0, (int)of).Count(_ => random.NextDouble() < share);
}
