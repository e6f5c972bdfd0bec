using ListBackup.Testing;
using ListBackup.Vault.Tests.Erasing;
using ListBackup.Vault.Tests.Maintaining;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>Work on a vault that a queue would repeat until it succeeds, and what must be true all the time and in the end.</summary>
internal abstract class FaultScenario
{
    /// <summary>By name, so that a test can say which; each has state of its own.</summary>
    public static IReadOnlyDictionary<string, Func<FaultScenario>> All { get; } = new Dictionary<string, Func<FaultScenario>>(StringComparer.Ordinal)
    {
        ["backup"] = () => new BackupScenario(isContended: false, new VaultOptions()),
        ["backup of large sections"] = () => new BackupScenario(isContended: false, new VaultOptions { PackedSectionBytesMax = 0 }),
        ["contended commit"] = () => new BackupScenario(isContended: true, new VaultOptions()),
        ["compaction"] = () => new CompactionScenario(),
        ["retention"] = () => new RetentionScenario(),
        ["garbage collection"] = () => new GarbageScenario(),
        ["erasure"] = () => new ErasureScenario(),
        ["publishing the log"] = () => new LogScenario(),
        ["verification in turn and its report"] = () => new VerificationScenario(),
        ["drill and its report"] = () => new DrillScenario(),
    };

    public MemoryObjects Before { get; protected init; } = new();

    public VaultOptions Options { get; protected init; } = new();

    /// <summary>Fills <see cref="Before"/>.</summary>
    public abstract Task PrepareAsync();

    /// <summary>The work of one life.</summary>
    public abstract Task WorkAsync(BackupVault vault);

    /// <summary>Holds whenever a life has ended, whatever it did.</summary>
    public abstract Task CheckAlwaysAsync(VaultFixture after);

    /// <summary>Holds when the work has succeeded.</summary>
    public abstract Task CheckDoneAsync(VaultFixture after);

    /// <summary>What the documentation asks of an operator when an effect came later than anybody could wait for it.</summary>
    public virtual Task RecoverAsync(BackupVault vault) => Task.CompletedTask;

    /// <summary>What somebody else does at the time of a request; called once for each play.</summary>
    public virtual Func<string, Task> Meanwhile(MemoryObjects objects) => _ => Task.CompletedTask;
}

/// <summary>A sweep with a draft in the middle, its commit, and (contended) somebody else's commit just before.</summary>
internal sealed class BackupScenario : FaultScenario
{
    private static readonly string[] s_first = ["""{"id":1,"a":1}""", """{"id":2,"a":1}""", """{"id":3,"a":1}"""];
    private static readonly string[] s_second = ["""{"id":1,"a":2}""", """{"id":2,"a":1}""", """{"id":4,"a":1}"""];
    private readonly bool _isContended;

    public BackupScenario(bool isContended, VaultOptions options) => (_isContended, Options) = (isContended, options);

    public override async Task PrepareAsync() => await (await CreateAsync(Before, Options)).BackUpAsync(ReadMode.FullSweep, s_first);

    public override async Task WorkAsync(BackupVault vault)
    {
        await using (var first = await vault.BackUpStreamAsync(Request("second"), Cancellation))
        {
            if (first.Outcome is null && first.DraftCursor is null)
            {
                await first.WriteAsync(Utf8(s_second[0]), Cancellation);
                await first.SaveDraftAsync("1", Cancellation);
            }
        }

        await using var backup = await vault.BackUpStreamAsync(Request("second"), Cancellation);
        if (backup.Outcome is null)
        {
            foreach (var record in s_second.Skip(backup.DraftCursor is null ? 0 : 1)) await backup.WriteAsync(Utf8(record), Cancellation);
        }

        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        await vault.CommitAsync(new CommitRequest { Source = Source, Run = "second", Outcomes = [outcome] }, Cancellation);
    }

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await after.RestoreAsync(1)).ShouldBe(s_first);

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        var snapshots = await BackupVaultTests.ToListAsync(after.Vault.ListSnapshotsAsync(Source, Cancellation));
        snapshots.Count.ShouldBe(_isContended ? 3 : 2, "every run once");
        snapshots[0].Run.ShouldBe("second");
        (snapshots[0].Streams[0].Added, snapshots[0].Streams[0].Deleted).ShouldBe((1, 1));
        (await after.RestoreAsync()).ShouldBe(_isContended ? [.. s_second, """{"id":9}"""] : s_second);
    }

    public override Func<string, Task> Meanwhile(MemoryObjects objects)
    {
        var isDone = !_isContended;
        return async request =>
        {
            if (isDone || request != "put m/src_1/000000000002.json") return;
            isDone = true;
            await (await CreateAsync(objects, Options)).BackUpAsync(Request("other", ReadMode.Incremental), """{"id":9}""");
        };
    }
}

/// <summary>A full compaction, and the next backup.</summary>
internal sealed class CompactionScenario : FaultScenario
{
    private const int BackupCount = 4;
    private List<string> _states = [];

    public override async Task PrepareAsync() => _states = await CompactionTests.StatesAsync(await CompactionTests.ManyBackupsAsync(BackupCount, Before), BackupCount);

    public override async Task WorkAsync(BackupVault vault)
    {
        await vault.CompactAsync(Source, isFull: true, Cancellation);
        var outcomes = await vault.FindOutcomesAsync(Source, "next", Cancellation);
        var outcome = outcomes.Count > 0 ? outcomes[0] : null;
        if (outcome is null)
        {
            await using var backup = await vault.BackUpStreamAsync(Request("next", ReadMode.Incremental), Cancellation);
            if (backup.Outcome is null) await backup.WriteAsync(Utf8("""{"id":"next"}"""), Cancellation);
            outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        }

        await vault.CommitAsync(new CommitRequest { Source = Source, Run = "next", Outcomes = [outcome] }, Cancellation);
    }

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await CompactionTests.StatesAsync(after, BackupCount)).ShouldBe(_states);

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        var snapshots = await BackupVaultTests.ToListAsync(after.Vault.ListSnapshotsAsync(Source, Cancellation));
        snapshots.Select(snapshot => snapshot.Run).ShouldBe(["next", .. Enumerable.Range(1, BackupCount).Reverse().Select(number => $"run {number}")]);
        (await after.RestoreAsync()).ShouldContain("""{"id":"next"}""");
    }
}

/// <summary>Two of five snapshots expire (the third may be what a run has begun on), and a compaction leaves out what only they needed.</summary>
internal sealed class RetentionScenario : FaultScenario
{
    private const int BackupCount = 5;
    private const int ExpiredCount = 2;
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
    private List<string> _states = [];

    public RetentionScenario() => Options = new VaultOptions { Clock = new FakeTimeProvider(s_start.AddYears(1)) };

    public override async Task PrepareAsync()
    {
        var clock = new FakeTimeProvider(s_start);
        var vault = await CreateAsync(Before, new VaultOptions { Clock = clock });
        for (var number = 1; number <= BackupCount; number++)
        {
            await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":{{number}}}""", $$"""{"id":"shared","by":{{number}}}""");
            clock.Advance(TimeSpan.FromDays(number == ExpiredCount + 1 ? 30 : 1));
        }

        _states = await CompactionTests.StatesAsync(vault, BackupCount);
        await vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 7 }, Cancellation);
    }

    public override async Task WorkAsync(BackupVault vault)
    {
        await vault.ApplyRetentionAsync(Source, Cancellation);
        await vault.CompactAsync(Source, isFull: true, Cancellation);
    }

    public override async Task CheckAlwaysAsync(VaultFixture after)
    {
        for (var seq = ExpiredCount + 1; seq <= BackupCount; seq++) string.Join('\n', await after.RestoreAsync(seq)).ShouldBe(_states[seq - 1]);
    }

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        for (var seq = 1; seq <= ExpiredCount; seq++) await Should.ThrowAsync<SnapshotExpiredException>(() => after.RestoreAsync(seq));
        (await BackupVaultTests.ToListAsync(after.Vault.ListSnapshotsAsync(Source, Cancellation))).Count.ShouldBe(BackupCount - ExpiredCount);
    }
}

/// <summary>What a compaction replaced is planned as garbage and, a day later, deleted.</summary>
internal sealed class GarbageScenario : FaultScenario
{
    private const int BackupCount = 3;
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);
    private List<string> _states = [];

    private readonly FakeTimeProvider _clock = new(s_start);

    public GarbageScenario()
    {
        Before = new MemoryObjects(_clock);
        Options = new VaultOptions { Clock = _clock, PackedSectionBytesMax = 0 };
    }

    public override async Task PrepareAsync()
    {
        var vault = await CompactionTests.ManyBackupsAsync(BackupCount, Before, Options);
        _states = await CompactionTests.StatesAsync(vault, BackupCount);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        _clock.Advance(TimeSpan.FromDays(3));
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).PlanSeq.ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromDays(3));
    }

    public override Task WorkAsync(BackupVault vault) => vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation);

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await CompactionTests.StatesAsync(after, BackupCount)).ShouldBe(_states);

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        (await after.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Maintenance.ShouldBe(MaintenanceKind.GcDone);
        ((MemoryObjects)after.Objects).Contents.Keys.Count(name => name.StartsWith("s/", StringComparison.Ordinal)).ShouldBe(1);
    }
}

/// <summary>A person is erased from two snapshots; everybody else stays.</summary>
internal sealed class ErasureScenario : FaultScenario
{
    private const string Ada = "ada@example.org";
    private static readonly string s_grace = ErasureTests.Person("2", "Hopper");
    private static readonly string s_margaret = ErasureTests.Person("3", "Hamilton");

    public override async Task PrepareAsync()
    {
        var vault = await CreateAsync(Before);
        await vault.BackUpAsync(ReadMode.FullSweep, ErasureTests.Person(Ada, "Lovelace"), s_grace);
        await vault.BackUpAsync(ReadMode.FullSweep, ErasureTests.Person(Ada, "Byron"), s_grace, s_margaret);
    }

    public override Task WorkAsync(BackupVault vault) => vault.EraseAsync(ErasureTests.RequestFor(Ada), Cancellation);

    /// <summary>A key file may be back whose put came after it had been deleted. Verification says that it still has keys, and to ask again.</summary>
    public override Task RecoverAsync(BackupVault vault) => WorkAsync(vault);

    public override async Task CheckAlwaysAsync(VaultFixture after)
    {
        (await after.RestoreAsync(1)).ShouldContain(s_grace);
        var second = await after.RestoreAsync(2);
        second.ShouldContain(s_grace);
        second.ShouldContain(s_margaret);
    }

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        (await after.RestoreAsync(1)).ShouldBe([s_grace]);
        (await after.RestoreAsync(2)).ShouldBe([s_grace, s_margaret]);
        (await after.RestoreAsync()).ShouldBe([s_grace, s_margaret]);
        (await after.Vault.ListErasuresAsync(Cancellation)).ShouldHaveSingleItem();
        (await after.Vault.ListUnfinishedErasuresAsync(Cancellation)).ShouldBeEmpty();
        var plain = await PlainText.ReadAsync((MemoryObjects)after.Objects);
        foreach (var text in new[] { Ada, "Lovelace", "Byron" }) plain.Find(text).ShouldBeEmpty();
    }
}

/// <summary>Commits that are not in the account's log yet are appended, and its tiles and checkpoint are published.</summary>
internal sealed class LogScenario : FaultScenario
{
    private const int BackupCount = 5;
    private List<string> _states = [];

    public override async Task PrepareAsync()
    {
        var vault = await CompactionTests.ManyBackupsAsync(BackupCount, Before);
        _states = await CompactionTests.StatesAsync(vault, BackupCount);
        // As if every append had been lost.
        foreach (var name in Before.Contents.Keys.Where(name => name.StartsWith("log/", StringComparison.Ordinal) || name.StartsWith("x/log", StringComparison.Ordinal))) await Before.DeleteAsync(name, Cancellation);
    }

    public override Task WorkAsync(BackupVault vault) => vault.PublishLogAsync(Cancellation);

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await CompactionTests.StatesAsync(after, BackupCount)).ShouldBe(_states);

    public override async Task CheckDoneAsync(VaultFixture after) =>
        (await after.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(BackupCount, "each commit once");
}

/// <summary>A verification with a budget for one segment remembers that it was its turn, and its report is signed and logged.</summary>
internal sealed class VerificationScenario : FaultScenario
{
    private const int BackupCount = 3;
    private static readonly VerifyRequest s_turn = new() { Level = VerifyLevel.Blocks, BudgetBytes = 1 };
    private List<string> _states = [];

    public override async Task PrepareAsync() => _states = await CompactionTests.StatesAsync(await CompactionTests.ManyBackupsAsync(BackupCount, Before), BackupCount);

    public override async Task WorkAsync(BackupVault vault)
    {
        var report = await vault.VerifyAsync(s_turn, Cancellation);
        report.Problems.ShouldBeEmpty("an outage is no damage");
        await vault.SignReportAsync(report, Cancellation);
    }

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await CompactionTests.StatesAsync(after, BackupCount)).ShouldBe(_states);

    public override async Task CheckDoneAsync(VaultFixture after)
    {
        await ReportChecks.ShouldBeLoggedAsync(after, BackupCount);
        // What was remembered may be lost, which costs time and leaves nothing out: as many turns as there are segments are enough in any case.
        for (var turn = 1; turn < BackupCount; turn++) await after.Vault.VerifyAsync(s_turn, Cancellation);
        (await after.Vault.VerifyAsync(s_turn, Cancellation)).Rotation!.Since.ShouldNotBeNull("every segment had its turn");
    }
}

/// <summary>A drill, and its report signed and logged.</summary>
internal sealed class DrillScenario : FaultScenario
{
    private const int BackupCount = 3;
    private List<string> _states = [];

    public override async Task PrepareAsync() => _states = await CompactionTests.StatesAsync(await CompactionTests.ManyBackupsAsync(BackupCount, Before), BackupCount);

    public override async Task WorkAsync(BackupVault vault)
    {
        var report = await vault.DrillAsync(new DrillRequest { Seed = 1 }, Cancellation);
        report.IsRestored.ShouldBeTrue("an outage is no damage");
        await vault.SignReportAsync(report, Cancellation);
    }

    public override async Task CheckAlwaysAsync(VaultFixture after) => (await CompactionTests.StatesAsync(after, BackupCount)).ShouldBe(_states);

    public override Task CheckDoneAsync(VaultFixture after) => ReportChecks.ShouldBeLoggedAsync(after, BackupCount);
}

/// <summary>What holds of a report that was acknowledged, whatever went wrong before.</summary>
internal static class ReportChecks
{
    /// <summary>It is there and in the log; of a lost reply it may be in both twice.</summary>
    public static async Task ShouldBeLoggedAsync(VaultFixture after, int commits)
    {
        var reports = ((MemoryObjects)after.Objects).Contents.Keys.Count(name => name.StartsWith("v/", StringComparison.Ordinal));
        reports.ShouldBeGreaterThan(0);
        (await after.Vault.PublishLogAsync(Cancellation)).Size.ShouldBeInRange(commits + 1, commits + (2 * reports));
    }
}
