using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Compares a snapshot with the one before it. First cut: two plain thresholds per stream, told to a person and never hidden behind a green mark.</summary>
public static class Anomalies
{
    // Small lists change by large shares every day.
    private const long RecordsMin = 20;
    private const double DropShare = 0.2;
    private const double ChangeShare = 0.5;

    public static IReadOnlyList<Anomaly> Find(Snapshot? before, Snapshot after) =>
        before is null ? [] : [.. after.Streams.Where(s => s.ReadSeq == after.Seq).SelectMany(s => Find(before.Streams.FirstOrDefault(b => b.Stream == s.Stream), s))];

    private static IEnumerable<Anomaly> Find(StreamSnapshot? before, StreamSnapshot after)
    {
        if (before is null || before.Live < RecordsMin) yield break;
        if (after.Deleted > before.Live * DropShare)
            yield return new("count-drop", after.Stream, before.Live, after.Live,
                $"{after.Deleted:N0} of {before.Live:N0} records of {after.Stream} went since the snapshot before. Nothing is lost: the snapshot before still has them.");
        if (after.Changed > before.Live * ChangeShare)
            yield return new("mass-change", after.Stream, before.Live, after.Changed,
                $"{after.Changed:N0} of {before.Live:N0} records of {after.Stream} changed since the snapshot before.");
    }
}
