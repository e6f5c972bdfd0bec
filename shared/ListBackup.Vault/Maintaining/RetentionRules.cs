namespace ListBackup.Vault.Maintaining;

/// <summary>A backup as retention sees it.</summary>
/// <param name="Seq">Number of the snapshot.</param>
/// <param name="Time">When it says it was made.</param>
/// <param name="CompleteStreams">Streams of which nothing is known to be missing.</param>
/// <param name="IsComplete">All of its streams are such.</param>
/// <param name="ReplacedAt">When the next commit of any kind came: until then runs began on this one. Null: it is the newest.</param>
internal sealed record RetentionCandidate(long Seq, DateTimeOffset Time, IReadOnlySet<string> CompleteStreams, bool IsComplete, DateTimeOffset? ReplacedAt = null);

/// <summary>
/// Which backups a policy keeps. Pure. The clock is the newest backup's, never the evaluator's: a source that is not read for a year loses
/// nothing. Clocks may be wrong: what says a time later than now, or earlier than one before it, was made at some time between its neighbours. It
/// pushes nothing out and stays as long as it could have to, so a clock that is set back lets nothing expire that would not have anyway.
/// </summary>
internal static class RetentionRules
{
    /// <summary>A decision for each candidate, in their order.</summary>
    /// <param name="candidates">The backups that have not expired, oldest first.</param>
    /// <param name="policy">Null: everything is kept.</param>
    /// <param name="holds">The source's holds.</param>
    /// <param name="now">The evaluator's clock.</param>
    public static IReadOnlyList<RetentionDecision> Decide(
        IReadOnlyList<RetentionCandidate> candidates, RetentionPolicy? policy, IReadOnlyList<SnapshotHold> holds, DateTimeOffset now)
    {
        var items = Judge(candidates, now);
        if (items.Count == 0) return [];
        var reference = items.FindLast(item => item.IsSure)?.Latest ?? now;
        if (policy is null) Keep(items, RetentionReason.NoPolicy);
        else Apply(policy, items, reference);
        foreach (var hold in holds.Where(hold => IsStanding(hold, reference)))
            Keep(items.Where(item => hold.Seq is null || hold.Seq == item.Candidate.Seq), RetentionReason.Hold);
        return [.. items.Select(item => new RetentionDecision(
            item.Candidate.Seq, item.Candidate.Time, item.Reasons.Count > 0, [.. item.Reasons], GuaranteedUntil(item.Candidate.Seq, item.Candidate.Time < item.Latest ? item.Candidate.Time : item.Latest, policy, holds)))];
    }

    /// <summary>Until when policy and holds keep a backup whatever else comes; null: there is no end. It may stay longer as the last of its week or the like.</summary>
    public static DateTimeOffset? GuaranteedUntil(long seq, DateTimeOffset time, RetentionPolicy? policy, IReadOnlyList<SnapshotHold> holds)
    {
        if (policy is null) return null;
        var until = time.AddDays(DaysOf(policy));
        foreach (var hold in holds.Where(hold => hold.Seq is null || hold.Seq == seq))
        {
            if (hold.Until is null) return null;
            if (hold.Until > until) until = hold.Until.Value;
        }

        return until;
    }

    /// <summary>Whether no run works any more that began on a commit, by when the next came. All that there is to ask of commits of maintenance: they are nobody's snapshot.</summary>
    public static bool MayExpire(DateTimeOffset replacedAt, DateTimeOffset newestBackup) => replacedAt < newestBackup.AddDays(-RetentionPolicy.KeepAllDaysMin);

    private static void Apply(RetentionPolicy policy, List<Item> items, DateTimeOffset reference)
    {
        Keep(items.Where(item => item.Latest >= reference.AddDays(-DaysOf(policy))), RetentionReason.Recent);
        Keep(items.Where(item => item.Candidate.ReplacedAt is { } replaced && !MayExpire(replaced, reference)), RetentionReason.Recent);
        Keep(items.TakeLast(Math.Max(policy.MinSnapshots, 1)), RetentionReason.Minimum);
        Keep(items.Where(item => item.Candidate.IsComplete).TakeLast(1), RetentionReason.NewestComplete);
        foreach (var stream in items.SelectMany(item => item.Candidate.CompleteStreams).Distinct(StringComparer.Ordinal))
            Keep(items.Where(item => item.Candidate.CompleteStreams.Contains(stream)).TakeLast(1), RetentionReason.NewestComplete);
        KeepLastOfEach(items, policy.Daily, date => date.DayNumber, RetentionReason.Daily);
        // Day 0 is a Monday.
        KeepLastOfEach(items, policy.Weekly, date => date.DayNumber / 7, RetentionReason.Weekly);
        KeepLastOfEach(items, policy.Monthly, date => (date.Year * 12) + date.Month, RetentionReason.Monthly);
        KeepLastOfEach(items, policy.Yearly, date => date.Year, RetentionReason.Yearly);
    }

    private static void KeepLastOfEach(List<Item> items, int count, Func<DateOnly, int> spanOf, RetentionReason reason)
    {
        if (count == 0) return;
        var spans = items.Where(item => item.IsSure).GroupBy(item => SpanOf(item.Latest)).OrderByDescending(span => span.Key).Take(count).ToList();
        // The last complete one: what came in part must not push it out.
        foreach (var span in spans) Keep([span.LastOrDefault(item => item.Candidate.IsComplete) ?? span.Last()], reason);
        var oldest = spans.Count == 0 ? int.MinValue : spans[^1].Key;
        Keep(items.Where(item => !item.IsSure && SpanOf(item.Latest) >= oldest), reason);

        int SpanOf(DateTimeOffset time) => spanOf(DateOnly.FromDateTime(time.UtcDateTime));
    }

    /// <summary>A backup's time is sure when it is no later than now and no earlier than a sure one before it; any other was made between its sure neighbours.</summary>
    private static List<Item> Judge(IReadOnlyList<RetentionCandidate> candidates, DateTimeOffset now)
    {
        var items = new List<Item>(candidates.Count);
        foreach (var candidate in candidates)
        {
            var before = items.FindLast(item => item.IsSure);
            var isSure = candidate.Time <= now && (before is null || candidate.Time >= before.Latest);
            items.Add(new Item(candidate, candidate.Time, isSure, []));
        }

        var latest = now;
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (items[i].IsSure) latest = items[i].Latest;
            else items[i] = items[i] with { Latest = latest };
        }

        return items;
    }

    private static bool IsStanding(SnapshotHold hold, DateTimeOffset reference) => hold.Until is null || hold.Until > reference;

    private static int DaysOf(RetentionPolicy policy) => Math.Max(policy.KeepAllDays, RetentionPolicy.KeepAllDaysMin);

    private static void Keep(IEnumerable<Item> items, RetentionReason reason)
    {
        foreach (var item in items)
        {
            if (!item.Reasons.Contains(reason)) item.Reasons.Add(reason);
        }
    }

    /// <param name="Candidate">The backup.</param>
    /// <param name="Latest">When it was made at the latest.</param>
    /// <param name="IsSure">That is the time it says.</param>
    /// <param name="Reasons">Why it is kept.</param>
    private sealed record Item(RetentionCandidate Candidate, DateTimeOffset Latest, bool IsSure, List<RetentionReason> Reasons);
}
