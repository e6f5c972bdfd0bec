using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class RetentionTests
{
    private static readonly RetentionPolicy s_week = new() { KeepAllDays = 7 };

    [Fact]
    public async Task What_has_expired_is_refused_and_the_rest_is_what_it_was()
    {
        var (vault, objects) = await DailyBackupsAsync(20);
        var before = await CompactionTests.StatesAsync(vault, 20);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);

        var report = await vault.Vault.ApplyRetentionAsync(Source, Cancellation);

        report.Expired.ShouldBe(Enumerable.Range(1, 11).Select(seq => (long)seq));
        report.Snapshot!.Maintenance.ShouldBe(MaintenanceKind.Retention);
        await vault.ReopenAsync();
        for (var seq = 1; seq <= 11; seq++) await Should.ThrowAsync<SnapshotExpiredException>(() => vault.RestoreAsync(seq));
        for (var seq = 12; seq <= 20; seq++) string.Join('\n', await vault.RestoreAsync(seq)).ShouldBe(before[seq - 1]);
        (await BackupVaultTests.ToListAsync(vault.Vault.ListSnapshotsAsync(Source, Cancellation))).Select(snapshot => snapshot.Seq).ShouldBe(Enumerable.Range(12, 9).Reverse().Select(seq => (long)seq));
        objects.Contents["m/src_1/000000000001.json"].Length.ShouldBeLessThan(1_024);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Compaction_then_leaves_out_what_nobody_needs_and_every_kept_snapshot_stands()
    {
        var (vault, _) = await DailyBackupsAsync(20);
        var before = await CompactionTests.StatesAsync(vault, 20);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        await vault.Vault.ApplyRetentionAsync(Source, Cancellation);

        var report = await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        report.Streams.Single().VersionsDropped.ShouldBe(11, "the shared record's versions of the first eleven");
        await vault.ReopenAsync();
        for (var seq = 12; seq <= 20; seq++) string.Join('\n', await vault.RestoreAsync(seq)).ShouldBe(before[seq - 1]);
        await vault.ShouldBeSoundAsync();
        (await vault.Vault.CompactAsync(Source, isFull: true, Cancellation)).Snapshot.ShouldBeNull();
    }

    [Fact]
    public async Task A_preview_changes_nothing_and_says_why()
    {
        var (vault, objects) = await DailyBackupsAsync(20);
        var count = objects.Contents.Count;

        var preview = await vault.Vault.PreviewRetentionAsync(Source, s_week with { Weekly = 2 }, Cancellation);

        preview.Snapshots.Count(snapshot => snapshot.IsKept).ShouldBeInRange(9, 11);
        preview.Snapshots[^1].Reasons.ShouldBe([RetentionReason.Recent, RetentionReason.Minimum, RetentionReason.NewestComplete, RetentionReason.Weekly]);
        objects.Contents.Count.ShouldBe(count);
        (await vault.Vault.PreviewRetentionAsync(Source, null, Cancellation)).Snapshots.ShouldAllBe(snapshot => snapshot.IsKept);
    }

    [Fact]
    public async Task Policy_and_holds_are_carried_over_by_backups_and_compactions()
    {
        var (vault, _) = await DailyBackupsAsync(20);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        await vault.Vault.PutHoldAsync(Source, new SnapshotHold("case 7", 3, default), Cancellation);
        await vault.BackUpAsync(ReadMode.Incremental, """{"id":"x"}""");
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await vault.ReopenAsync();

        (await vault.Vault.ApplyRetentionAsync(Source, Cancellation)).Expired.ShouldNotContain(3);

        (await vault.Vault.OpenSnapshotAsync(Source, 3, Cancellation)).Snapshot.GuaranteedUntil.ShouldBeNull();
        await vault.Vault.LiftHoldAsync(Source, "case 7", Cancellation);
        (await vault.Vault.ApplyRetentionAsync(Source, Cancellation)).Expired.ShouldBe([3]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_run_that_began_before_a_long_rest_ended_finds_its_base()
    {
        var clock = new FakeTimeProvider(s_start);
        var vault = await CreateAsync(new MemoryObjects(), new VaultOptions { Clock = clock });
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        clock.Advance(TimeSpan.FromDays(90));
        var slow = await vault.ReadAsync(Request("slow"), """{"id":1}""");
        await vault.BackUpAsync(Request("fast", ReadMode.Incremental), """{"id":3}""");
        clock.Advance(TimeSpan.FromDays(1));

        await vault.Vault.ApplyRetentionAsync(Source, Cancellation);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await vault.CommitAsync(slow);

        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":3}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Repeating_anything_makes_no_commit()
    {
        var (vault, _) = await DailyBackupsAsync(3);
        var hold = new SnapshotHold("case 7", 2, default);

        (await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation)).Seq.ShouldBe(4);
        (await vault.Vault.SetRetentionAsync(Source, s_week with { }, Cancellation)).Seq.ShouldBe(4);
        (await vault.Vault.PutHoldAsync(Source, hold, Cancellation)).Seq.ShouldBe(5);
        (await vault.Vault.PutHoldAsync(Source, hold with { }, Cancellation)).Seq.ShouldBe(5);
        (await vault.Vault.ApplyRetentionAsync(Source, Cancellation)).Snapshot.ShouldBeNull();
        (await vault.Vault.LiftHoldAsync(Source, "case 7", Cancellation)).Seq.ShouldBe(6);
        (await vault.Vault.LiftHoldAsync(Source, "case 7", Cancellation)).Seq.ShouldBe(6);
    }

    [Fact]
    public async Task A_hold_on_what_is_not_there_and_a_policy_out_of_range_are_refused()
    {
        var (vault, _) = await DailyBackupsAsync(3);

        await Should.ThrowAsync<VaultNotFoundException>(() => vault.Vault.PutHoldAsync(Source, new SnapshotHold("a", 9, default), Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.PutHoldAsync(Source, new SnapshotHold("", 1, default), Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 1 }, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { Daily = -1 }, Cancellation));
    }

    [Fact]
    public async Task A_manifest_that_shrank_without_a_word_of_the_newest_and_a_forged_stub_are_found()
    {
        var (vault, objects) = await DailyBackupsAsync(20);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        await vault.Vault.ApplyRetentionAsync(Source, Cancellation);
        var rolledBack = objects.Copy();
        foreach (var name in rolledBack.Contents.Keys.Where(name => name.StartsWith("m/", StringComparison.Ordinal) && string.CompareOrdinal(name, "m/src_1/000000000020.json") > 0))
            await rolledBack.DeleteAsync(name, Cancellation);
        var stub = objects.Contents["m/src_1/000000000005.json"];
        stub[40] ^= 1;

        // Eleven stubs, and two commits that the log names.
        (await (await CreateAsync(rolledBack)).VerifyAsync(VerifyLevel.Chain)).Problems.Count.ShouldBe(13);
        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldContain(problem => problem.Object == "m/src_1/000000000005.json");
        stub[40] ^= 1;
        await objects.DeleteAsync("m/src_1/000000000005.json", Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Chain)).IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task The_next_backup_and_an_old_commit_of_maintenance_go_on()
    {
        var (vault, _) = await DailyBackupsAsync(20);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        await vault.Vault.ApplyRetentionAsync(Source, Cancellation);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        var snapshot = await vault.BackUpAsync(Request("sweep"), """{"id":1}""", """{"id":"shared","by":20}""");

        (snapshot.Streams[0].Changed, snapshot.Streams[0].Deleted).ShouldBe((0, 19));
        await vault.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false)]
    [InlineData(FaultTime.AfterEffect, false)]
    [InlineData(FaultTime.AfterEffect, true)]
    public async Task A_request_that_fails_never_harms_a_kept_snapshot(FaultTime time, bool isLasting)
    {
        var (vault, before) = await DailyBackupsAsync(10);
        var states = await CompactionTests.StatesAsync(vault, 10);
        await vault.Vault.SetRetentionAsync(Source, s_week, Cancellation);
        var options = new VaultOptions { Clock = new FakeTimeProvider(s_later) };
        var counting = new FaultyObjects(before.Copy());
        await (await CreateAsync(counting, options)).Vault.ApplyRetentionAsync(Source, Cancellation);

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var objects = before.Copy();
            var faulty = new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time);
            await Xunit.Record.ExceptionAsync(async () => await (await CreateAsync(faulty, options)).Vault.ApplyRetentionAsync(Source, Cancellation));

            var after = await CreateAsync(objects, options);
            await after.ShouldBeSoundAsync();
            await after.Vault.ApplyRetentionAsync(Source, Cancellation);
            await after.Vault.CompactAsync(Source, isFull: true, Cancellation);
            for (var seq = 2; seq <= 10; seq++) string.Join('\n', await after.RestoreAsync(seq)).ShouldBe(states[seq - 1], $"fault at request {number}");
            objects.Contents["m/src_1/000000000001.json"].Length.ShouldBeLessThan(1_024, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
        }
    }

    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_later = s_start.AddYears(1);

    private static async Task<(VaultFixture Vault, MemoryObjects Objects)> DailyBackupsAsync(int count)
    {
        var (objects, clock) = (new MemoryObjects(), new FakeTimeProvider(s_start));
        var vault = await CreateAsync(objects, new VaultOptions { Clock = clock });
        for (var number = 1; number <= count; number++)
        {
            await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":{{number}}}""", $$"""{"id":"shared","by":{{number}}}""");
            clock.Advance(TimeSpan.FromDays(1));
        }

        return (vault, objects);
    }
}
