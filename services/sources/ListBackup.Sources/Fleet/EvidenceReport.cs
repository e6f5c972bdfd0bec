using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What an evidence report says, whatever it is written as.</summary>
/// <param name="Name">The account that it is about, with all below it.</param>
/// <param name="At">When it was made.</param>
/// <param name="Hours">Within how many hours a source has to be proven.</param>
/// <param name="Rows">The sources.</param>
/// <param name="IsComplete">False: there are more sources, which are not in it.</param>
internal sealed record EvidenceReport(string Name, DateTimeOffset At, int Hours, IReadOnlyList<FleetSourceView> Rows, bool IsComplete)
{
    public int Proven => Rows.Count(row => row.Protection == Protection.Proven);

    public long Records => Rows.Sum(row => row.Records ?? 0);
}
