using ListBackup.Testing;
using ListBackup.Vault.Format;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests;

/// <summary>Runs that one process reads and commits, so that nothing is stored for another worker.</summary>
public sealed class OneProcessTests
{
    private static readonly StreamFinish s_finish = new() { IsComplete = true };

    [Fact]
    public async Task A_run_in_one_process_stores_no_draft_and_is_committed_from_memory()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"a":1}""", """{"id":2,"a":1}""");
        await using var backup = await ReadAsync(vault, """{"id":1,"a":2}""");
        var outcome = await backup.FinishAsync(s_finish, Cancellation);

        (await NamesAsync(vault, "x/drafts/")).ShouldBeEmpty();
        var snapshot = await vault.CommitAsync(outcome);

        (snapshot.Streams[0].Changed, snapshot.Streams[0].Deleted).ShouldBe((1, 1));
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1,"a":2}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_commit_that_is_overtaken_takes_the_changes_from_memory_again()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"a":1}""", """{"id":2,"a":1}""", """{"id":3,"a":1}""");
        await using var backup = await ReadAsync(vault, """{"id":1,"a":2}""");
        var outcome = await backup.FinishAsync(s_finish, Cancellation);
        // Somebody else's, from another process: this one tries its commit on the parent that it knows, and gone is folded twice.
        var other = await CreateAsync(vault.Objects);
        await other.BackUpAsync(Request("other", ReadMode.Incremental), """{"id":2,"a":9}""");

        (await vault.CommitAsync(outcome)).Seq.ShouldBe(3);

        // What changed behind the sweep stays; what did not change and was not seen is gone.
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1,"a":2}""", """{"id":2,"a":9}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task What_was_only_in_memory_cannot_be_committed_when_it_is_gone()
    {
        var vault = await CreateAsync();
        StreamOutcome outcome;
        await using (var backup = await ReadAsync(vault, """{"id":1}""")) outcome = await backup.FinishAsync(s_finish, Cancellation);

        await Should.ThrowAsync<VaultNotFoundException>(() => vault.CommitAsync(outcome));
        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task An_incremental_run_of_a_fresh_process_needs_few_requests()
    {
        var objects = new FaultyObjects(new MemoryObjects());
        var vault = await CreateAsync(objects);
        for (var day = 1; day <= 9; day++)
        {
            var before = (int)objects.RequestCount;
            await vault.ReopenAsync();
            await using var backup = await vault.Vault.BackUpStreamAsync(Request(vault.NextRun(), ReadMode.Incremental) with { IsInOneProcess = true }, Cancellation);
            await backup.WriteAsync(Utf8($$"""{"id":{{day}},"a":1}"""), Cancellation);
            await vault.CommitAsync(await backup.FinishAsync(s_finish, Cancellation));

            // Two open the vault, a list, the manifest, index and keys; segment, manifest, index. Every third run logs: the log's end, a batch, the end again. The first
            // ones find nothing of it.
            if (day > 3) (objects.RequestCount - before).ShouldBeLessThanOrEqualTo(day % 3 == 0 ? 12 : 9, string.Join('\n', objects.Requests.Skip(before)));
        }
    }

    [Fact]
    public async Task A_dictionary_costs_an_incremental_run_no_request_and_a_copy_that_is_none_only_one()
    {
        const int rows = 60;
        var options = new VaultOptions { DictionaryRowsMin = rows };
        var objects = new FaultyObjects(new MemoryObjects());
        var vault = await CreateAsync(objects, options);
        var index = ObjectNames.KeyIndex(Source, Contacts);
        for (var day = 1; day <= 12; day++)
        {
            await vault.ReopenAsync(options);
            if (day == 10)
            {
                var damaged = await objects.ReadAsync(index, Cancellation);
                damaged[^1] ^= 1;
                await objects.PutAsync(index, damaged, PutCondition.Replace, Cancellation);
            }

            var before = (int)objects.RequestCount;
            var request = Request(vault.NextRun(), ReadMode.Incremental);
            await using var backup = await vault.Vault.BackUpStreamAsync(request with { IsInOneProcess = true, Settings = request.Settings with { ExpectedRecords = 32_000 } }, Cancellation);
            for (var id = 0; id < rows; id++) await backup.WriteAsync(Utf8($$"""{"id":{{id}},"day":{{day}},"weather_at_the_time":"{{(id % 2 == 0 ? "sunny with light wind" : "rain from the west")}}"}"""), Cancellation);
            await vault.CommitAsync(await backup.FinishAsync(s_finish, Cancellation));

            var requests = objects.Requests.Skip(before).ToList();
            if (day > 3) requests.Count.ShouldBeLessThanOrEqualTo((day % 3 == 0 ? 12 : 9) + (day == 10 ? 1 : 0), $"day {day}: {string.Join('\n', requests)}");
            if (day > 3) requests.Count(text => text.Contains(" d/", StringComparison.Ordinal)).ShouldBe(day == 10 ? 1 : 0);
        }

        (await NamesAsync(vault, "d/")).ShouldHaveSingleItem();
        await vault.ShouldBeSoundAsync();
    }

    private static async Task<StreamBackup> ReadAsync(VaultFixture vault, params string[] records)
    {
        var backup = await vault.Vault.BackUpStreamAsync(Request(vault.NextRun()) with { IsInOneProcess = true }, Cancellation);
        foreach (var record in records) await backup.WriteAsync(Utf8(record), Cancellation);
        return backup;
    }

    private static async Task<List<string>> NamesAsync(VaultFixture vault, string prefix)
    {
        var names = new List<string>();
        await foreach (var head in vault.Objects.ListAsync(prefix, after: null, Cancellation)) names.Add(head.Name);
        return names;
    }
}
