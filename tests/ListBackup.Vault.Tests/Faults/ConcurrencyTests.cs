using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Many_writers_on_one_source_make_one_chain_and_every_snapshot_restores()
    {
        var objects = new MemoryObjects();
        await CreateAsync(objects);

        var snapshots = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(async () =>
        {
            var vault = await CreateAsync(objects);
            return await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":{{number}}}""", $$"""{"id":"shared","by":{{number}}}""");
        }, Cancellation)));

        var after = await CreateAsync(objects);
        snapshots.Select(snapshot => snapshot.Seq).Order().ShouldBe(Enumerable.Range(1, 8).Select(seq => (long)seq));
        foreach (var snapshot in snapshots) (await after.RestoreAsync(snapshot.Seq)).Count.ShouldBe((int)snapshot.Seq + 1);
        await after.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_sweep_that_is_overtaken_takes_nothing_away_from_who_overtook_it()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""", """{"id":3}""");
        var slow = await vault.ReadAsync(Request("slow"), """{"id":1}""");
        await vault.BackUpAsync(Request("fast", ReadMode.Incremental), """{"id":4}""", """{"id":2,"new":true}""");

        var snapshot = await vault.CommitAsync(slow);

        snapshot.Seq.ShouldBe(3);
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":2,"new":true}""", """{"id":4}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Of_two_workers_on_one_draft_one_goes_on()
    {
        var vault = await CreateAsync();
        await using var first = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await using var second = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await first.WriteAsync(Utf8("""{"id":1}"""), Cancellation);
        await second.WriteAsync(Utf8("""{"id":1}"""), Cancellation);

        await first.SaveDraftAsync("1", Cancellation);

        await Should.ThrowAsync<DraftTakenException>(() => second.SaveDraftAsync("1", Cancellation));
        await Should.ThrowAsync<InvalidOperationException>(async () => await second.WriteAsync(Utf8("""{"id":2}"""), Cancellation));
        await first.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
    }

    [Fact]
    public async Task A_message_that_comes_twice_counts_once()
    {
        var vault = await CreateAsync();
        await using var first = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await using var second = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await first.WriteAsync(Utf8("""{"id":1}"""), Cancellation);
        await second.WriteAsync(Utf8("""{"id":1}"""), Cancellation);
        var outcome = await first.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);

        var other = await second.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        await using var third = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);

        other.Counts.ShouldBe(outcome.Counts);
        third.Outcome.ShouldNotBeNull().Counts.Added.ShouldBe(1);
        (await vault.CommitAsync(other)).Streams[0].Live.ShouldBe(1);
    }

    [Fact]
    public async Task Partitions_make_one_stream_and_one_sweep()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""", """{"id":3}""");

        var snapshot = await vault.CommitAsync(
            await vault.ReadAsync(Request("r") with { Partition = "a", PartitionCount = 2 }, """{"id":1}""", """{"id":4}"""),
            await vault.ReadAsync(Request("r") with { Partition = "b", PartitionCount = 2 }, """{"id":3,"new":true}""", """{"id":4}"""));

        snapshot.Streams[0].ShouldSatisfyAllConditions(
            stream => stream.Added.ShouldBe(1), stream => stream.Changed.ShouldBe(1), stream => stream.Deleted.ShouldBe(1), stream => stream.Live.ShouldBe(3));
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":3,"new":true}""", """{"id":4}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_partition_that_is_missing_makes_nothing_gone()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");

        var snapshot = await vault.CommitAsync(await vault.ReadAsync(Request("r") with { Partition = "a", PartitionCount = 2 }, """{"id":1}"""));

        snapshot.Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Partial);
        snapshot.Streams[0].Live.ShouldBe(2);
    }

    /// <summary>Memory is collected at every request: what a run has read is not read again for that.</summary>
    [Fact]
    public async Task An_incremental_run_in_one_process_stays_within_its_requests_whenever_memory_is_collected()
    {
        var counting = new FaultyObjects(new MemoryObjects()) { OnRequest = (_, _) => Task.Run(GC.Collect, Cancellation) };
        var vault = await CreateAsync(counting);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        await vault.ReopenAsync();
        var before = counting.RequestCount;

        await vault.BackUpAsync(Request("r", ReadMode.Incremental), """{"id":2,"new":true}""");

        (counting.RequestCount - before).ShouldBeLessThanOrEqualTo(12, string.Join('\n', counting.Requests.Skip((int)before)));
    }

    [Fact]
    public async Task Incremental_runs_each_in_a_process_of_its_own_stay_within_their_requests_on_average_with_the_log()
    {
        var counting = new FaultyObjects(new MemoryObjects());
        var vault = await CreateAsync(counting);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        var sum = 0L;
        for (var run = 1; run <= 6; run++)
        {
            await vault.ReopenAsync();
            var before = counting.RequestCount;
            await vault.BackUpAsync(Request($"r{run}", ReadMode.Incremental), $$"""{"id":2,"new":{{run}}}""");
            (counting.RequestCount - before).ShouldBeLessThanOrEqualTo(14, string.Join("\n", counting.Requests.Skip((int)before)));
            sum += counting.RequestCount - before;
        }

        sum.ShouldBeLessThanOrEqualTo(6 * 12, string.Join('\n', counting.Requests));
        counting.Requests.Count(request => request.StartsWith("put log/a/", StringComparison.Ordinal)).ShouldBe(3);
    }
}
