namespace ListBackup.Sources;

/// <summary>Finds fields that had values in most records and suddenly have not: emptied by an import, or hidden by a scope that was lost.</summary>
internal static class FieldFalls
{
    /// <summary>Of fewer records, how many have a value says nothing.</summary>
    private const long RecordsMin = 30;

    /// <summary>A field that is mostly empty anyway may be empty.</summary>
    private const double FillMin = 0.3;
    private const double FallMin = 0.2;

    /// <summary>Against less than a handful of readings, only a fall that no chance explains.</summary>
    private const double FallMinOfFew = 0.4;
    private const double SpreadsMax = 6;
    private const double SpreadMin = 0.02;
    private const double SevereFall = 0.5;
    private const long SevereRecords = 50;

    public static IEnumerable<Anomaly> Find(string stream, IReadOnlyList<StreamPoint> before, StreamPoint now)
    {
        if (now.Fill is not { } fill || fill.Records < RecordsMin) yield break;
        // A sweep sees all records, an incremental reading those that changed: each is held against its own kind.
        var earlier = before.Where(p => p.IsSweep == now.IsSweep && p.Fill?.Records >= RecordsMin).Select(p => p.Fill!).ToList();
        foreach (var field in earlier.SelectMany(f => f.Counts.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var shares = earlier.Select(f => f.ShareOf(field)).OfType<double>().ToList();
            if (fill.ShareOf(field) is { } share && Judge(stream, field, shares, share, fill.Records) is { } anomaly) yield return anomaly;
        }
    }

    private static Anomaly? Judge(string stream, string field, IReadOnlyList<double> shares, double now, long records)
    {
        if (shares.Count == 0) return null;
        var usual = Baseline.MedianOf(shares);
        if (usual < FillMin) return null;
        // What chance alone does to a share of so many records, and what the field did in the past.
        var chance = Math.Sqrt(usual * (1 - usual) / records);
        var spread = Math.Max(Math.Max(Baseline.SpreadOf(shares, usual), SpreadMin), chance);
        var fall = usual - now;
        if (fall < (shares.Count < Baseline.PointsMin ? FallMinOfFew : FallMin) || fall < SpreadsMax * spread) return null;
        // It has been as empty before.
        if (shares.Count(s => s <= now + spread) >= 2) return null;
        return new(Anomalies.FieldEmptied, stream, (long)Math.Round(usual * records), (long)Math.Round(now * records),
            $"Field {field} of {stream} has a value in {now:P0} of {records:N0} records that arrived; usual are {usual:P0}. The snapshots before still have the values. "
            + "If nobody emptied it on purpose, look for an import, an automation or a lost right at the platform.")
        {
            Severity = fall >= SevereFall && fall * records >= SevereRecords ? AnomalySeverity.Severe : AnomalySeverity.Warning,
            Field = field,
        };
    }
}
