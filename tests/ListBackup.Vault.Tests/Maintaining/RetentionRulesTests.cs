using CsCheck;
using ListBackup.Vault.Maintaining;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class RetentionRulesTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_now = s_start.AddYears(20);

    private static readonly Gen<RetentionPolicy> s_policy = Gen.Select(Gen.Int[7, 40], Gen.Int[0, 10], Gen.Int[0, 6], Gen.Int[0, 15], Gen.Int[0, 4], Gen.Int[1, 4])
        .Select(numbers => new RetentionPolicy
        {
            KeepAllDays = numbers.Item1, Daily = numbers.Item2, Weekly = numbers.Item3, Monthly = numbers.Item4, Yearly = numbers.Item5, MinSnapshots = numbers.Item6,
        });

    private static readonly Gen<RetentionCandidate[]> s_backups = Gen.Select(Gen.Frequency((5, Gen.Double[0.1, 2]), (1, Gen.Double[2, 60])), Gen.Frequency((3, Gen.Const(true)), (1, Gen.Const(false))))
        .Array[1, 60].Select(steps =>
        {
            var time = s_start;
            return steps.Select((step, i) => Backup(i + 1, time = time.AddDays(step.Item1), step.Item2)).ToArray();
        });

    [Fact]
    public void A_year_of_days_comes_to_what_one_would_count_by_hand()
    {
        var backups = Enumerable.Range(0, 365).Select(day => Backup(day + 1, s_start.AddDays(day))).ToArray();

        var kept = Kept(backups, new RetentionPolicy { KeepAllDays = 7, Daily = 10, Weekly = 4, Monthly = 3, Yearly = 2 });

        // The last eight (seven days back, both ends), ten days, three more Sundays and the last, the ends of October and November.
        kept.Select(seq => s_start.AddDays(seq - 1).ToString("MM-dd")).ShouldBe(
            ["10-31", "11-30", "12-13", "12-20", "12-22", "12-23", "12-24", "12-25", "12-26", "12-27", "12-28", "12-29", "12-30", "12-31"]);
    }

    [Fact]
    public void Without_a_policy_everything_is_kept() =>
        RetentionRules.Decide([Backup(1, s_start), Backup(2, s_now)], null, [], s_now).ShouldAllBe(decision => decision.IsKept && decision.GuaranteedUntil == null);

    [Fact]
    public void A_partial_backup_pushes_no_complete_one_out()
    {
        RetentionCandidate[] backups = [Backup(1, s_start), .. Enumerable.Range(1, 100).Select(day => Backup(day + 1, s_start.AddDays(day), isComplete: false))];

        Decide(backups, new RetentionPolicy())[0].Reasons.ShouldBe([RetentionReason.NewestComplete]);
    }

    [Fact]
    public void The_newest_in_which_a_stream_was_complete_is_kept_though_no_backup_ever_was()
    {
        RetentionCandidate[] backups =
        [
            new(1, s_start, new HashSet<string> { "contacts" }, IsComplete: false),
            .. Enumerable.Range(1, 100).Select(day => new RetentionCandidate(day + 1, s_start.AddDays(day), new HashSet<string> { "lists" }, IsComplete: false)),
        ];

        Decide(backups, new RetentionPolicy())[0].IsKept.ShouldBeTrue();
        Decide(backups, new RetentionPolicy())[1].IsKept.ShouldBeFalse();
    }

    [Fact]
    public void Holds_keep_one_or_all_until_they_end()
    {
        RetentionCandidate[] backups = [.. Enumerable.Range(0, 100).Select(day => Backup(day + 1, s_start.AddDays(day)))];
        var policy = new RetentionPolicy();

        Decide(backups, policy, new SnapshotHold("one", 3, s_start))[2].ShouldSatisfyAllConditions(
            decision => decision.Reasons.ShouldBe([RetentionReason.Hold]), decision => decision.GuaranteedUntil.ShouldBeNull());
        Decide(backups, policy, new SnapshotHold("all", null, s_start)).ShouldAllBe(decision => decision.IsKept);
        Decide(backups, policy, new SnapshotHold("over", 3, s_start, s_start.AddDays(50)))[2].IsKept.ShouldBeFalse();
        Decide(backups, policy, new SnapshotHold("not over", 3, s_start, s_start.AddDays(500)))[2].GuaranteedUntil.ShouldBe(s_start.AddDays(500));
    }

    [Fact]
    public void The_newest_the_newest_complete_and_the_guaranteed_are_never_let_go()
    {
        Gen.Select(s_backups, s_policy).Sample((backups, policy) =>
        {
            var decisions = Decide(backups, policy);

            decisions[^1].IsKept.ShouldBeTrue();
            if (Array.FindLast(backups, backup => backup.IsComplete) is { } complete) decisions[(int)complete.Seq - 1].IsKept.ShouldBeTrue();
            decisions.Count(decision => decision.IsKept).ShouldBeGreaterThanOrEqualTo(Math.Min(policy.MinSnapshots, backups.Length));
            decisions.Where(decision => decision.GuaranteedUntil >= backups[^1].Time).ShouldAllBe(decision => decision.IsKept);
        });
    }

    [Fact]
    public void What_was_let_go_would_be_let_go_later_too()
    {
        Gen.Select(s_backups, s_policy).Sample((backups, policy) =>
        {
            for (var count = 1; count < backups.Length; count++)
            {
                var kept = Kept(backups[..(count + 1)], policy);
                Expired(backups[..count], policy).Where(seq => kept.Contains(seq)).Except(NewestComplete(backups[..(count + 1)])).ShouldBeEmpty();
            }
        }, iter: 30);

        static IEnumerable<long> NewestComplete(RetentionCandidate[] backups) => backups.Where(backup => backup.IsComplete).TakeLast(1).Select(backup => backup.Seq);
    }

    [Fact]
    public void A_clock_that_was_set_back_for_some_backups_lets_nothing_more_go()
    {
        Gen.Select(s_backups, s_policy, Gen.Int[0, 3].Array[60], Gen.Double[0.01, 5_000].Array[60]).Sample((backups, policy, which, back) =>
        {
            var latest = DateTimeOffset.MinValue;
            var wrong = backups.Select((backup, i) =>
            {
                if (which[i] == 0 && latest > DateTimeOffset.MinValue) return backup with { Time = latest.AddDays(-back[i]) };
                latest = backup.Time;
                return backup;
            }).ToArray();

            Expired(wrong, policy).Except(Expired(backups, policy)).ShouldBeEmpty();
        });
    }

    [Fact]
    public void A_backup_from_the_future_lets_nothing_more_go()
    {
        Gen.Select(s_backups, s_policy, Gen.Int[0, 59]).Sample((backups, policy, which) =>
        {
            var wrong = backups.Select((backup, i) => i == which ? backup with { Time = s_now.AddYears(50) } : backup).ToArray();

            Expired(wrong, policy).Except(Expired(backups, policy)).ShouldBeEmpty();
        });
    }

    [Fact]
    public void However_late_it_is_evaluated_the_result_is_the_same()
    {
        Gen.Select(s_backups, s_policy).Sample((backups, policy) =>
            RetentionRules.Decide(backups, policy, [], s_now.AddYears(100)).Select(decision => decision.IsKept).ShouldBe(Decide(backups, policy).Select(decision => decision.IsKept)));
    }

    private static IReadOnlyList<RetentionDecision> Decide(RetentionCandidate[] backups, RetentionPolicy policy, params SnapshotHold[] holds) =>
        RetentionRules.Decide(backups, policy, holds, s_now);

    private static List<long> Kept(RetentionCandidate[] backups, RetentionPolicy policy) =>
        [.. Decide(backups, policy).Where(decision => decision.IsKept).Select(decision => decision.Seq)];

    private static List<long> Expired(RetentionCandidate[] backups, RetentionPolicy policy) =>
        [.. Decide(backups, policy).Where(decision => !decision.IsKept).Select(decision => decision.Seq)];

    private static RetentionCandidate Backup(long seq, DateTimeOffset time, bool isComplete = true) =>
        new(seq, time, isComplete ? new HashSet<string> { "contacts" } : [], isComplete);
}
