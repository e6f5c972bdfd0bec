using System.Globalization;

namespace ListBackup.Sources;

/// <summary>The sentences of an evidence report.</summary>
internal static class EvidenceText
{
    public static readonly string Rest = $"There are more than {GetFleetSummary.SourcesMax.ToString("N0", CultureInfo.InvariantCulture)} sources; the rest is not in this report.";

    public static string Meaning(int hours) => string.Create(CultureInfo.InvariantCulture,
        $"A source counts as proven when every one of its streams was read whole within the last {hours} hours and holds as many records as the platform said it has.");

    public static string Sum(EvidenceReport report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Proven:N0} of {report.Rows.Count:N0} sources are proven; they and the others hold {report.Records:N0} records.");

    public static string Time(DateTimeOffset? time) => time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : "never";
}
