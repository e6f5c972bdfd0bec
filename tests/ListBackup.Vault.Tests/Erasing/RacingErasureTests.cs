using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.Erasing.ErasureTests;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

/// <summary>Erasures beside backups, other erasures and lost networks.</summary>
public sealed class RacingErasureTests
{
    private const string Ada = "ada@example.org";
    private static readonly string[] s_before = [Person(Ada, "Lovelace"), Person("2", "Hopper"), Person("3", "Hamilton")];
    private static readonly string[] s_after = [Person("2", "Hopper"), Person("3", "Hamilton")];

    [Theory]
    [InlineData(2 * 1024 * 1024)]
    [InlineData(0)]
    public async Task A_run_that_began_before_the_erasure_commits_nothing_of_it_and_reads_the_neighbours_again(int packedBytes)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, new VaultOptions { PackedSectionBytesMax = packedBytes });
        await vault.BackUpAsync(ReadMode.FullSweep, s_before);
        await using var running = await vault.Vault.BackUpStreamAsync(Request("running", ReadMode.Incremental), Cancellation);
        await running.WriteAsync(Utf8(Person(Ada, "Byron")), Cancellation);
        await running.WriteAsync(Utf8(Person("2", "Murray")), Cancellation);
        await running.SaveDraftAsync("\"page 2\"", Cancellation);
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        await running.WriteAsync(Utf8(Person("4", "Johnson")), Cancellation);
        (await PlainText.ReadAsync(objects)).Find(Ada).ShouldBeEmpty("a draft is a copy, too");
        (await PlainText.ReadAsync(objects)).Find("Byron").ShouldBeEmpty("a draft is a copy, too");
        var outcome = await running.FinishAsync(new StreamFinish { IsComplete = true, CursorOut = "\"later\"" }, Cancellation);
        var snapshot = await vault.CommitAsync(outcome);

        snapshot.Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Partial);
        snapshot.Streams[0].Cursors.ShouldBeEmpty("the next run must read from where this one began");
        (await vault.RestoreAsync()).ShouldBe(s_after, "one group: everything that was read shared the erased person's");
        await vault.ReopenAsync();
        await vault.ShouldBeSoundAsync();
        var plain = await PlainText.ReadAsync(objects);
        foreach (var text in new[] { Ada, "Lovelace", "Byron" }) plain.Find(text).ShouldBeEmpty();

        await vault.BackUpAsync(Request("next", ReadMode.Incremental), Person("2", "Murray"), Person("4", "Johnson"));
        (await vault.RestoreAsync()).ShouldBe([Person("2", "Murray"), Person("3", "Hamilton"), Person("4", "Johnson")]);
        await vault.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData(2 * 1024 * 1024)]
    [InlineData(0)]
    public async Task A_run_under_newer_keys_than_the_erasures_leaves_the_person_out_and_loses_nothing(int packedBytes)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, new VaultOptions { PackedSectionBytesMax = packedBytes });
        await vault.BackUpAsync(Request("r1", stream: "orders"), """{"id":1}""");
        await using var running = await vault.Vault.BackUpStreamAsync(Request("running"), Cancellation);
        // Nothing of the stream is stored yet, so the erasure makes no keys; the run does afterwards.
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        foreach (var person in s_before) await running.WriteAsync(Utf8(person), Cancellation);
        var snapshot = await vault.CommitAsync(await running.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));

        snapshot.Streams.Single(stream => stream.Stream == Contacts).Coverage.Level.ShouldBe(CoverageLevel.Consistent);
        (await vault.RestoreAsync()).ShouldBe(s_after);
        (await PlainText.ReadAsync(objects)).Find("Lovelace").ShouldBeEmpty();
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Old_keys_that_a_dead_writer_puts_after_the_erasure_are_found_and_collected()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero));
        var objects = new MemoryObjects(clock);
        var vault = await CreateAsync(objects, new VaultOptions { Clock = clock });
        await vault.BackUpAsync(ReadMode.FullSweep, s_before);
        // The put of a next epoch is on its way when its writer dies, and arrives when the erasure has deleted all files before its own.
        var secrets = await VaultKeyFiles.OpenAsync(objects, TestKeys, Cancellation);
        var first = ObjectNames.StreamKeys(Source, Contacts, 1);
        var late = StreamKeys.WriteNext(StreamKeys.Read(objects.Contents[first], first, Source, Contacts, secrets), Source, Contacts, 1, secrets);
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        var name = ObjectNames.StreamKeys(Source, Contacts, 2);
        await objects.PutAsync(name, late, PutCondition.CreateOnly, Cancellation);
        await vault.ReopenAsync(new VaultOptions { Clock = clock });

        (await vault.VerifyAsync(VerifyLevel.Objects)).Problems.ShouldHaveSingleItem().Object.ShouldBe(name);
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: true, Cancellation)).ForgottenKeyFiles.ShouldBe([name]);
        objects.Contents.Keys.ShouldContain(name);
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).ForgottenKeyFiles.ShouldBe([name]);

        objects.Contents.Keys.ShouldNotContain(name);
        await vault.ReopenAsync(new VaultOptions { Clock = clock });
        await vault.ShouldBeSoundAsync();
        (await vault.RestoreAsync()).ShouldBe(s_after);
        (await PlainText.ReadAsync(objects)).Find("Lovelace").ShouldBeEmpty();
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).ForgottenKeyFiles.ShouldBeEmpty();
        await vault.BackUpAsync(ReadMode.FullSweep, [.. s_after, Person("4", "Johnson")]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_sweep_that_began_before_the_erasure_takes_nobody_for_gone()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, s_before);
        await using var running = await vault.Vault.BackUpStreamAsync(Request("running"), Cancellation);
        foreach (var person in s_before.Append(Person("4", "Johnson"))) await running.WriteAsync(Utf8(person), Cancellation);
        await running.SaveDraftAsync("1", Cancellation);
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        await vault.CommitAsync(await running.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));

        s_after.ShouldBeSubsetOf(await vault.RestoreAsync());
        await vault.BackUpAsync(ReadMode.FullSweep, [.. s_before, Person("4", "Johnson")]);
        (await vault.RestoreAsync()).ShouldBe([.. s_after, Person("4", "Johnson")]);
        await vault.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false)]
    [InlineData(FaultTime.AfterEffect, false)]
    [InlineData(FaultTime.BeforeEffect, true)]
    [InlineData(FaultTime.AfterEffect, true)]
    public async Task A_request_that_fails_loses_nobody_and_asking_again_completes_the_erasure(FaultTime time, bool isLasting)
    {
        var before = await TwoSourcesAsync();
        var counting = new FaultyObjects(before.Copy());
        await EraseBothAsync(counting);

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var objects = before.Copy();
            var receipt = await TryEraseAsync(new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time));

            var after = await CreateAsync(objects);
            (await after.RestoreAsync(1)).ShouldBeSubsetOf(s_before, $"fault at request {number}");
            s_after.ShouldBeSubsetOf(await after.RestoreAsync(1), $"fault at request {number}");
            s_after.ShouldBeSubsetOf(await after.RestoreAsync(), $"fault at request {number}");
            if (receipt is null) (await after.VerifyAsync()).Problems.ShouldAllBe(problem => problem.Message.Contains("an erasure must forget"), $"fault at request {number}");
            else (await after.VerifyAsync()).Problems.ShouldBeEmpty($"fault at request {number}");

            await EraseBothAsync(objects);
            var plain = await PlainText.ReadAsync(objects);
            plain.Find(Ada).ShouldBeEmpty($"repeated after the fault at request {number}");
            plain.Find("Lovelace").ShouldBeEmpty($"repeated after the fault at request {number}");
            (await after.RestoreAsync()).ShouldBe(s_after, $"repeated after the fault at request {number}");
            await after.ReopenAsync();
            (await after.Vault.ListErasuresAsync(Cancellation)).ShouldHaveSingleItem();
            await after.ShouldBeSoundAsync();
            await after.BackUpAsync(ReadMode.FullSweep, s_before);
            (await after.RestoreAsync()).ShouldBe(s_after);
            await after.ShouldBeSoundAsync();
        }
    }

    [Fact]
    public async Task A_backup_that_commits_at_any_request_of_an_erasure_is_kept_and_erased_as_well()
    {
        var before = await TwoSourcesAsync();
        var counting = new FaultyObjects(before.Copy());
        await EraseBothAsync(counting);

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var objects = before.Copy();
            var other = await CreateAsync(objects);
            await using var running = await other.Vault.BackUpStreamAsync(Request("running", ReadMode.Incremental), Cancellation);
            await running.WriteAsync(Utf8(Person(Ada, "Byron")), Cancellation);
            await running.WriteAsync(Utf8(Person("4", "Johnson")), Cancellation);
            var outcome = await running.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
            Snapshot? snapshot = null;
            var racing = new FaultyObjects(objects) { OnRequest = async (current, _) => snapshot = current == number ? await other.CommitAsync(outcome) : snapshot };

            await EraseBothAsync(racing);

            snapshot.ShouldNotBeNull();
            var plain = await PlainText.ReadAsync(objects);
            foreach (var text in new[] { Ada, "Lovelace", "Byron" }) plain.Find(text).ShouldBeEmpty($"commit at request {number}");
            var expected = snapshot.Streams.Single(stream => stream.Stream == Contacts).Coverage.Level == CoverageLevel.Partial ? s_after : [.. s_after, Person("4", "Johnson")];
            await other.ReopenAsync();
            (await other.RestoreAsync()).ShouldBe(expected, $"commit at request {number}");
            await other.ShouldBeSoundAsync();
        }
    }

    [Fact]
    public async Task A_second_erasure_at_any_request_of_the_first_leaves_both_done()
    {
        var before = await TwoSourcesAsync();
        var counting = new FaultyObjects(before.Copy());
        await EraseBothAsync(counting);

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var objects = before.Copy();
            var other = await CreateAsync(objects);
            var racing = new FaultyObjects(objects)
            {
                OnRequest = (current, _) => current == number ? other.Vault.EraseAsync(RequestFor("2") with { Id = "other" }, Cancellation) : Task.CompletedTask,
            };

            await EraseBothAsync(racing);

            var plain = await PlainText.ReadAsync(objects);
            foreach (var text in new[] { Ada, "Lovelace", "Hopper" }) plain.Find(text).Where(place => !place.Contains("src_2")).ShouldBeEmpty($"second erasure at request {number}");
            await other.ReopenAsync();
            (await other.RestoreAsync()).ShouldBe([Person("3", "Hamilton")], $"second erasure at request {number}");
            (await other.RestoreAsync(1)).ShouldBe([Person("3", "Hamilton")], $"second erasure at request {number}");
            (await other.Vault.ListErasuresAsync(Cancellation)).Count.ShouldBe(2);
            await other.ShouldBeSoundAsync();
        }
    }

    private static async Task<MemoryObjects> TwoSourcesAsync()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, s_before);
        await vault.BackUpAsync(Request("r2") with { Source = "src_2" }, s_before);
        return objects;
    }

    private static async Task<ErasureReceipt?> TryEraseAsync(IObjectStore objects)
    {
        try
        {
            return await EraseBothAsync(objects);
        }
        catch (ObjectStoreUnavailableException)
        {
            return null;
        }
    }

    private static async Task<ErasureReceipt> EraseBothAsync(IObjectStore objects)
    {
        var vault = await BackupVault.OpenAsync(objects, TestKeys, new VaultOptions(), Cancellation);
        var request = RequestFor(Ada);
        return await vault.EraseAsync(request with { Records = [.. request.Records, new RecordAddress("src_2", Contacts, Ada)] }, Cancellation);
    }
}
