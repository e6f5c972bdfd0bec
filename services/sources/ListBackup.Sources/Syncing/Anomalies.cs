namespace ListBackup.Sources;

/// <summary>
/// Compares a reading of a stream with what is usual for that stream, and says what a person should look at before they trust it. Pure. The numbers and their
/// reasons: docs/adr/0031-anomalies.md.
/// </summary>
public static class Anomalies
{
    public const string CountDrop = "count-drop";
    public const string MassChange = "mass-change";
    public const string MassAdd = "mass-add";
    public const string FieldEmptied = "field-emptied";
    public const string SuddenlyEmpty = "suddenly-empty";

    /// <summary>Small streams change by large shares every day: fewer records than this are no anomaly, whatever their share.</summary>
    private const long RecordsMin = 10;
    private const long StreamMin = 20;

    /// <summary>With so many earlier readings that came near it, it is how the stream behaves: a newsletter that touches every contact once a month.</summary>
    private const int SeenBefore = 2;
    private const double NearlyAsMany = 0.8;

    /// <summary>Where there are too few readings to judge by, so many times what they brought is told.</summary>
    private const double FewTimes = 3;

    private static readonly Measure[] Measures =
    [
        // Shares of the records before: from which one something is an anomaly where the stream's past says that it is unusual, and where the stream has no past; and from which one it is severe; from which one it is told whatever is usual.
        new(CountDrop, p => p.Deleted, Unusual: 0.05, Unknown: 0.2, Severe: 0.25, Always: 0.5),
        new(MassChange, p => p.Changed, Unusual: 0.2, Unknown: 0.5, Severe: 0.6, Always: null),
        new(MassAdd, p => p.Added, Unusual: 0.25, Unknown: 1, Severe: null, Always: null),
    ];

    /// <summary>What is unusual about a reading, given the readings before it, oldest first. The first reading of a stream never is: there was nothing before it.</summary>
    public static IReadOnlyList<Anomaly> Find(string stream, IReadOnlyList<StreamPoint> history, StreamPoint now)
    {
        var before = history.Where(p => p.Seq < now.Seq).ToList();
        if (now.Before < StreamMin) return [];
        return [.. Measures.Select(m => Judge(stream, m, before, now)).OfType<Anomaly>(), .. FieldFalls.Find(stream, before, now)];
    }

    /// <summary>A stream that had records, arrived empty, and whose platform does not say that it is. Nothing of it was taken for deleted.</summary>
    public static Anomaly Empty(string stream, long before) => new(SuddenlyEmpty, stream, before, before,
        $"{stream} arrived empty, though it had {before:N0} records, and the platform does not say how many there are. They were not taken for deleted. "
        + "Check the connection's rights and scopes. If the stream really is empty now, accept the snapshot: the next run then takes its word.") { Severity = AnomalySeverity.Severe };

    private static Anomaly? Judge(string stream, Measure measure, IReadOnlyList<StreamPoint> before, StreamPoint now)
    {
        var count = measure.Of(now);
        if (count < RecordsMin) return null;
        var share = (double)count / now.Before;
        var series = Comparable(measure, before, now);
        var exposure = Exposure(series, now);
        var usual = Baseline.Of([.. series.Select(s => (s.Point.At.UtcDateTime.DayOfWeek, measure.Of(s.Point) / Scale(s.Days, exposure.Usual)))], now.At.UtcDateTime.DayOfWeek);
        if (usual is null)
        {
            if (share < measure.Unknown || series.Any(s => count < measure.Of(s.Point) * FewTimes)) return null;
            return Make(stream, measure, now, share, severe: share >= measure.Severe, "There are too few readings before it to say what is usual.");
        }

        var scale = Scale(exposure.Now, exposure.Usual);
        if (share < measure.Unusual || (count <= usual.Limit * scale && !(share >= measure.Always))) return null;
        var isHabit = series.Count(s => measure.Of(s.Point) >= count * NearlyAsMany) >= SeenBefore;
        // A habit of changing is none of our business. A habit of losing records is told, but stops nothing.
        if (isHabit && measure.Code != CountDrop) return null;
        return Make(stream, measure, now, share, severe: !isHabit && share >= measure.Severe,
            $"Usual are about {usual.Usual * scale:N0}; up to {usual.Limit * scale:N0} would not have been unusual.");
    }

    /// <summary>Earlier readings that could see what this one sees, each with the time that it looked back over.</summary>
    private static List<(StreamPoint Point, double Days)> Comparable(Measure measure, IReadOnlyList<StreamPoint> before, StreamPoint now)
    {
        var series = new List<(StreamPoint, double)>();
        DateTimeOffset? last = null;
        foreach (var point in before)
        {
            // Only a sweep sees what went without a trace, and it sees all of that since the sweep before.
            if (point.IsSweep != now.IsSweep) continue;
            if (last is { } time && point.Before > 0) series.Add((point, (point.At - time).TotalDays));
            last = point.At;
        }
        return series;
    }

    private static (double Now, double Usual) Exposure(IReadOnlyList<(StreamPoint Point, double Days)> series, StreamPoint now) =>
        series.Count == 0 ? (1, 1) : ((now.At - series[^1].Point.At).TotalDays, Baseline.MedianOf([.. series.Select(s => s.Days)]));

    /// <summary>After a week without runs there may be a week's changes. A shorter gap than usual proves nothing, so nothing is scaled up for it.</summary>
    private static double Scale(double days, double usualDays) => usualDays <= 0 ? 1 : Math.Max(1, days / usualDays);

    private static Anomaly Make(string stream, Measure measure, StreamPoint now, double share, bool severe, string usual)
    {
        var count = measure.Of(now);
        var message = measure.Code switch
        {
            CountDrop => $"{count:N0} of {now.Before:N0} records of {stream} ({share:P0}) went since the snapshot before. {usual} Nothing is lost: the snapshot before still has them. "
                + "If nobody deleted them on purpose, look for a lost scope or a changed filter at the platform, and restore.",
            MassChange => $"{count:N0} of {now.Before:N0} records of {stream} ({share:P0}) changed since the snapshot before. {usual} Compare the two snapshots to see in which fields; an import or an automation often is the reason.",
            _ => $"{count:N0} records were added to the {now.Before:N0} of {stream} since the snapshot before. {usual} Look whether they are wanted: an import twice, a form that robots found.",
        };
        return new(measure.Code, stream, now.Before, measure.Code == CountDrop ? now.Live : count, message) { Severity = severe ? AnomalySeverity.Severe : AnomalySeverity.Warning };
    }

    private sealed record Measure(string Code, Func<StreamPoint, long> Of, double Unusual, double Unknown, double? Severe, double? Always);
}
