using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class CompactionTests
{
    [Fact]
    public async Task Every_snapshot_is_what_it_was_and_there_are_fewer_sections()
    {
        var vault = await ManyBackupsAsync(8);
        var before = await StatesAsync(vault, 8);

        var report = await vault.Vault.CompactAsync(Source, isFull: false, Cancellation);
        await vault.ReopenAsync();

        report.Snapshot!.ShouldSatisfyAllConditions(
            snapshot => snapshot.Seq.ShouldBe(9), snapshot => snapshot.Maintenance.ShouldBe(MaintenanceKind.Compaction), snapshot => snapshot.Trigger.ShouldBe("maintenance"));
        report.Streams.Single().ShouldSatisfyAllConditions(stream => stream.SectionsBefore.ShouldBeGreaterThan(3), stream => stream.SectionsAfter.ShouldBe(1), stream => stream.VersionsDropped.ShouldBe(0));
        (await StatesAsync(vault, 8)).ShouldBe(before);
        (await vault.RestoreAsync()).ShouldBe(await vault.RestoreAsync(8));
        (await vault.Vault.GetHistoryAsync(Source, Contacts, "shared", Cancellation)).Select(version => version.Seq).ShouldBe(Enumerable.Range(1, 8).Select(seq => (long)seq));
        (await vault.Vault.SummarizeDiffAsync(Source, Contacts, 3, 6, Cancellation)).ShouldSatisfyAllConditions(diff => diff.Added.ShouldBe(3), diff => diff.Changed.ShouldBe(1));
        (await BackupVaultTests.ToListAsync(vault.Vault.ListSnapshotsAsync(Source, Cancellation))).Select(snapshot => snapshot.Seq).ShouldBe([8, 7, 6, 5, 4, 3, 2, 1]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Nothing_to_merge_makes_no_commit()
    {
        var vault = await ManyBackupsAsync(1);

        (await vault.Vault.CompactAsync(Source, isFull: true, Cancellation)).Snapshot.ShouldBeNull();

        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq.ShouldBe(1);
    }

    [Fact]
    public async Task Backups_go_on_behind_a_compaction_in_every_mode()
    {
        var vault = await ManyBackupsAsync(5);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await vault.ReopenAsync();

        var incremental = await vault.BackUpAsync(Request("i", ReadMode.Incremental), """{"id":"new"}""");
        var sweep = await vault.BackUpAsync(Request("s"), """{"id":"shared","by":5}""", """{"id":"new"}""");

        (incremental.Seq, incremental.Maintenance).ShouldBe((7, null));
        sweep.Streams[0].Deleted.ShouldBe(5);
        (await vault.RestoreAsync()).ShouldBe(["""{"id":"new"}""", """{"id":"shared","by":5}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task The_cached_index_is_not_needed_to_go_on()
    {
        var objects = new MemoryObjects();
        var vault = await ManyBackupsAsync(5, objects);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        foreach (var name in objects.Contents.Keys.Where(name => name.StartsWith("x/", StringComparison.Ordinal))) await objects.DeleteAsync(name, Cancellation);
        await vault.ReopenAsync();

        var snapshot = await vault.BackUpAsync(Request("s"), """{"id":"shared","by":5}""");

        (snapshot.Streams[0].Changed, snapshot.Streams[0].Deleted).ShouldBe((0, 5));
    }

    [Fact]
    public async Task A_backup_between_the_writing_and_the_commit_of_a_compaction_is_kept()
    {
        var inner = new MemoryObjects();
        await ManyBackupsAsync(5, inner);
        var watched = new FaultyObjects(inner);
        var other = await CreateAsync(inner);
        var isFirst = true;
        watched.OnRequest = async (_, request) =>
        {
            if (!isFirst || request != "put m/src_1/000000000006.json") return;
            isFirst = false;
            await other.BackUpAsync(Request("between", ReadMode.Incremental), """{"id":"between"}""");
        };

        var report = await (await CreateAsync(watched)).Vault.CompactAsync(Source, isFull: true, Cancellation);

        var vault = await CreateAsync(inner);
        report.Snapshot!.Seq.ShouldBe(7);
        (await vault.RestoreAsync()).ShouldContain("""{"id":"between"}""");
        (await vault.RestoreAsync(5)).ShouldNotContain("""{"id":"between"}""");
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_backup_that_began_before_a_compaction_is_folded_onto_it()
    {
        var vault = await ManyBackupsAsync(5);
        var slow = await vault.ReadAsync(Request("slow"), """{"id":"shared","by":5}""", """{"id":"slow"}""");
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        var snapshot = await vault.CommitAsync(slow);

        (snapshot.Seq, snapshot.Streams[0].Added, snapshot.Streams[0].Deleted).ShouldBe((7, 1, 5));
        (await vault.RestoreAsync()).ShouldBe(["""{"id":"shared","by":5}""", """{"id":"slow"}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Of_two_compactors_at_once_one_wins_and_the_other_finds_nothing_to_do()
    {
        var objects = new MemoryObjects();
        await ManyBackupsAsync(6, objects);
        var watched = new FaultyObjects(objects);
        var other = await CreateAsync(objects);
        watched.OnRequest = async (_, request) =>
        {
            if (request == "put m/src_1/000000000007.json") await other.Vault.CompactAsync(Source, isFull: true, Cancellation);
        };

        var second = await (await CreateAsync(watched)).Vault.CompactAsync(Source, isFull: true, Cancellation);

        var vault = await CreateAsync(objects);
        second.Snapshot.ShouldBeNull();
        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq.ShouldBe(7);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Records_of_every_form_are_written_again_byte_for_byte()
    {
        var vault = await CreateAsync();
        string[] odd = ["{\"id\":\"a\",\n \"pretty\": true}", """{"id":"\u0062\"n\":","n":1,"o":"del"}""", """{"id":"ü😀","k":"k","big":9007199254740993.10}""", """{"id":7,"v":{"n":2}}"""];
        await vault.BackUpAsync(ReadMode.FullSweep, odd);
        await vault.BackUpAsync(ReadMode.FullSweep, [.. odd.Skip(1), """{"id":"z"}"""]);
        await vault.BackUpAsync(ReadMode.FullSweep, odd);

        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await vault.BackUpAsync(ReadMode.Incremental, """{"id":"y"}""");
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        foreach (var seq in new long[] { 1, 3 }) (await vault.RestoreAsync(seq)).ShouldBe(odd, ignoreOrder: true);
        (await vault.RestoreAsync(2)).ShouldBe([.. odd.Skip(1), """{"id":"z"}"""], ignoreOrder: true);
        await vault.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false)]
    [InlineData(FaultTime.AfterEffect, false)]
    [InlineData(FaultTime.BeforeEffect, true)]
    [InlineData(FaultTime.AfterEffect, true)]
    public async Task A_request_that_fails_never_harms_a_snapshot(FaultTime time, bool isLasting)
    {
        var before = new MemoryObjects();
        var states = await StatesAsync(await ManyBackupsAsync(5, before), 5);
        var counting = new FaultyObjects(before.Copy());
        await (await CreateAsync(counting)).Vault.CompactAsync(Source, isFull: true, Cancellation);

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var objects = before.Copy();
            var faulty = new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time);
            await Xunit.Record.ExceptionAsync(async () => await (await CreateAsync(faulty)).Vault.CompactAsync(Source, isFull: true, Cancellation));

            var after = await CreateAsync(objects);
            (await StatesAsync(after, 5)).ShouldBe(states, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
            await after.Vault.CompactAsync(Source, isFull: true, Cancellation);
            (await after.BackUpAsync(Request("next", ReadMode.Incremental), """{"id":"next"}""")).Seq.ShouldBe(7, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
        }
    }

    /// <summary>Each adds one record and changes another.</summary>
    internal static async Task<VaultFixture> ManyBackupsAsync(int count, IObjectStore? objects = null, VaultOptions? options = null)
    {
        var vault = await CreateAsync(objects, options);
        for (var number = 1; number <= count; number++)
            await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":{{number}}}""", $$"""{"id":"shared","by":{{number}}}""");
        return vault;
    }

    internal static async Task<List<string>> StatesAsync(VaultFixture vault, int count)
    {
        var states = new List<string>();
        for (var seq = 1; seq <= count; seq++) states.Add(string.Join('\n', await vault.RestoreAsync(seq)));
        return states;
    }
}
