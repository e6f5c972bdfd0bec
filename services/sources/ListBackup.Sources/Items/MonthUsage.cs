namespace ListBackup.Sources;

/// <summary>What the runs of a source used in a month, by when they ended. Every ended run is counted once.</summary>
/// <param name="Month">In UTC, as <c>2026-03</c>.</param>
/// <param name="Runs">Runs that ended, however.</param>
/// <param name="Requests">Requests to the platform.</param>
/// <param name="Records">Records that the platform sent.</param>
/// <param name="BytesRead">Bytes that the platform sent, unpacked.</param>
/// <param name="BytesStored">Bytes that the snapshots added to the vault.</param>
public sealed record MonthUsage(string Month, long Runs, long Requests, long Records, long BytesRead, long BytesStored)
{
    /// <summary>This month and the twelve before.</summary>
    public const int MonthsMax = 13;

    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Newest first.</summary>
    public static IReadOnlyList<MonthUsage> Added(IReadOnlyList<MonthUsage>? months, Run run, PartCounts counts, SourceSnapshot? snapshot)
    {
        months ??= [];
        var month = Of(run.FinishedAt ?? run.QueuedAt);
        var known = months.FirstOrDefault(m => m.Month == month) ?? new(month, 0, 0, 0, 0, 0);
        var sum = new MonthUsage(month, known.Runs + 1, known.Requests + counts.Requests, known.Records + counts.Records, known.BytesRead + counts.Bytes, known.BytesStored + (snapshot?.BytesAdded ?? 0));
        return [.. months.Where(m => m.Month != month).Append(sum).OrderByDescending(m => m.Month, StringComparer.Ordinal).Take(MonthsMax)];
    }
}
