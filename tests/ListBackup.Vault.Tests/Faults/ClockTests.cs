using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>Machines whose clocks are wrong, or run backwards between two runs: the order of snapshots is their number, and nothing is let go too early.</summary>
public sealed class ClockTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 3, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_clock_that_runs_backwards_changes_no_snapshot_and_no_order()
    {
        var clock = new WanderingClock { Now = s_now };
        var options = new VaultOptions { Clock = clock };
        var objects = new MemoryObjects(clock);
        var vault = await CreateAsync(objects, options);
        foreach (var (number, offset) in new[] { (1, 0), (2, -400), (3, -400), (4, 100), (5, -1), (6, -10_000) })
        {
            clock.Now = s_now.AddDays(offset);
            await vault.BackUpAsync(Request($"run {number}"), $$"""{"id":"a","run":{{number}}}""", $$"""{"id":{{number}}}""");
            await vault.ReopenAsync(options);
        }

        var snapshots = await BackupVaultTests.ToListAsync(vault.Vault.ListSnapshotsAsync(Source, Cancellation));
        snapshots.Select(snapshot => snapshot.Run).ShouldBe(Enumerable.Range(1, 6).Reverse().Select(number => $"run {number}"));
        for (var number = 1; number <= 6; number++) (await vault.RestoreAsync(number)).ShouldBe([$$"""{"id":{{number}}}""", $$"""{"id":"a","run":{{number}}}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Maintenance_under_a_clock_that_ran_backwards_keeps_what_a_right_clock_would()
    {
        var clock = new WanderingClock { Now = s_now };
        var options = new VaultOptions { Clock = clock, PackedSectionBytesMax = 0 };
        var objects = new MemoryObjects(clock);
        var vault = await CreateAsync(objects, options);
        for (var number = 1; number <= 4; number++) await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":{{number}}}""");
        await vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 7 }, Cancellation);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        clock.Now = s_now.AddDays(-365);
        (await vault.Vault.ApplyRetentionAsync(Source, Cancellation)).Expired.ShouldBeEmpty();
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).Deleted.ShouldBeEmpty();
        clock.Now = s_now.AddDays(-730);
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).Deleted.ShouldBeEmpty();

        for (var number = 1; number <= 4; number++) (await vault.RestoreAsync(number)).Count.ShouldBe(number);
        await vault.ShouldBeSoundAsync();
    }

    private sealed class WanderingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
