namespace ListBackup.Vault.Writing;

/// <summary>Decides how much of a stream a snapshot provably holds, from what its readers saw. Only here.</summary>
internal static class CoverageJudge
{
    /// <param name="outcomes">Of all partitions.</param>
    /// <param name="isComplete">The reading reached its end.</param>
    /// <param name="live">Records that the snapshot holds.</param>
    /// <param name="erased">Erased records of the stream in all: an incremental reading does not see which the platform still has.</param>
    /// <param name="lost">Changes that were read and could not be kept, because an erasure took their group's key meanwhile.</param>
    public static Coverage Judge(IReadOnlyList<StreamOutcome> outcomes, bool isComplete, long live, long erased, long lost)
    {
        var evidence = Sum(outcomes);
        var arrived = outcomes.Sum(outcome => outcome.Counts.Added + outcome.Counts.Changed + outcome.Counts.Unchanged);
        var refused = outcomes.Sum(outcome => outcome.Counts.Refused);
        // The platform counts erased records that are still there; they are left out on purpose.
        var left = outcomes.Sum(outcome => outcome.Counts.Erased);
        var (level, reason) = lost > 0
            ? (CoverageLevel.Partial, $"A person was erased while the stream was read; {lost} changes of other records are read again in the next run.")
            : Verdict(outcomes, isComplete, live, left, outcomes[0].Mode == ReadMode.Incremental ? erased - left : 0, refused, evidence);
        return new Coverage(level, reason, outcomes[0].Mode, arrived, refused, evidence);
    }

    private static (CoverageLevel Level, string? Reason) Verdict(
        IReadOnlyList<StreamOutcome> outcomes, bool isComplete, long live, long leftOut, long unseenErased, long refused, CoverageEvidence evidence)
    {
        if (!isComplete) return (CoverageLevel.Partial, IncompleteReason(outcomes));
        if (refused > 0) return (CoverageLevel.Partial, $"{refused} records could not be stored.");
        if (evidence.RequestsRefused > 0) return (CoverageLevel.Partial, $"The platform refused {evidence.RequestsRefused} requests.");
        if (evidence.RequestsFailed > 0) return (CoverageLevel.Partial, $"{evidence.RequestsFailed} requests failed even after retries.");
        if (evidence.CapsHit.Count > 0) return (CoverageLevel.Partial, $"The platform shows no more behind {string.Join(", ", evidence.CapsHit)}.");
        if (evidence.ReportedTotal is not { } total)
            return (CoverageLevel.Consistent, Doubt(evidence) ?? "The platform does not say how many records there are.");
        if (live + leftOut < total && total - live - leftOut <= unseenErased)
            return (CoverageLevel.Consistent, $"The platform reports {total} records; the snapshot holds {live}, and {leftOut + unseenErased} were erased.");
        if (live + leftOut < total) return (CoverageLevel.Partial, $"The platform reports {total} records; the snapshot holds {live}.");
        if (Doubt(evidence) is { } doubt) return (CoverageLevel.Consistent, doubt);
        return live + leftOut == total
            ? (CoverageLevel.Proven, null)
            : (CoverageLevel.Consistent, $"The platform reports {total} records; the snapshot holds {live}: deletions may not have been seen.");
    }

    private static string? Doubt(CoverageEvidence evidence) => evidence.Doubts.Count == 0 ? null : string.Join(' ', evidence.Doubts);

    private static string IncompleteReason(IReadOnlyList<StreamOutcome> outcomes)
    {
        if (outcomes.FirstOrDefault(outcome => !outcome.IsComplete) is { } incomplete)
            return incomplete.IncompleteReason ?? "The reading did not reach its end.";
        return $"{outcomes.Count} of {outcomes[0].PartitionCount} partitions were read.";
    }

    private static CoverageEvidence Sum(IReadOnlyList<StreamOutcome> outcomes) => new()
    {
        // Without one partition's number there is no total.
        ReportedTotal = outcomes.Any(outcome => outcome.Evidence.ReportedTotal is null) ? null : outcomes.Sum(outcome => outcome.Evidence.ReportedTotal),
        Pages = outcomes.Sum(outcome => outcome.Evidence.Pages),
        Requests = outcomes.Sum(outcome => outcome.Evidence.Requests),
        RequestsRefused = outcomes.Sum(outcome => outcome.Evidence.RequestsRefused),
        RequestsFailed = outcomes.Sum(outcome => outcome.Evidence.RequestsFailed),
        CapsHit = [.. outcomes.SelectMany(outcome => outcome.Evidence.CapsHit).Distinct(StringComparer.Ordinal)],
        Doubts = [.. outcomes.SelectMany(outcome => outcome.Evidence.Doubts).Distinct(StringComparer.Ordinal)],
        LookBackSeconds = outcomes.Min(outcome => outcome.Evidence.LookBackSeconds),
    };
}
