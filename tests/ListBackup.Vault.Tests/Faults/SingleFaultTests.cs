using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>Fails every request of a backup once, before and after its effect, and asks what is left.</summary>
public sealed class SingleFaultTests
{
    private static readonly string[] s_first = ["""{"id":1,"a":1}""", """{"id":2,"a":1}""", """{"id":3,"a":1}"""];
    private static readonly string[] s_second = ["""{"id":1,"a":2}""", """{"id":2,"a":1}""", """{"id":4,"a":1}"""];

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false, 2 * 1024 * 1024)]
    [InlineData(FaultTime.AfterEffect, false, 2 * 1024 * 1024)]
    [InlineData(FaultTime.BeforeEffect, true, 0)]
    [InlineData(FaultTime.AfterEffect, true, 0)]
    public async Task A_request_that_fails_never_harms_a_snapshot(FaultTime time, bool isLasting, int packedBytes)
    {
        var options = new VaultOptions { PackedSectionBytesMax = packedBytes };
        var before = new MemoryObjects();
        await (await CreateAsync(before, options)).BackUpAsync(ReadMode.FullSweep, s_first);
        var requestCount = await CountRequestsAsync(before.Copy(), options);

        for (var number = 1; number <= requestCount; number++)
        {
            var objects = before.Copy();
            var faulty = new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time);
            var committed = await TryBackUpAsync(faulty, options);

            var after = await CreateAsync(objects, options);
            (await after.RestoreAsync(1)).ShouldBe(s_first, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
            if (committed is not null) (await after.RestoreAsync(committed.Seq)).ShouldBe(s_second, $"acknowledged in spite of the fault at request {number}");

            // The run is tried again, as the queue would, and must come to the same end.
            var again = await BackUpSecondAsync(after);
            (await after.RestoreAsync(again.Seq)).ShouldBe(s_second, $"repeated after the fault at request {number}");
            again.Seq.ShouldBe(2, $"repeated after the fault at request {number}");
            again.Streams[0].ShouldSatisfyAllConditions(stream => stream.Live.ShouldBe(3), stream => stream.Added.ShouldBe(1), stream => stream.Deleted.ShouldBe(1));
            await after.ShouldBeSoundAsync();
        }
    }

    [Fact]
    public async Task A_full_store_refuses_the_run_and_keeps_everything_else()
    {
        var before = new MemoryObjects();
        await (await CreateAsync(before)).BackUpAsync(ReadMode.FullSweep, s_first);
        var size = before.Contents.Values.Sum(content => (long)content.Length);

        for (var spare = 0; spare < 8_000; spare += 250)
        {
            var objects = before.Copy();
            objects.BytesMax = size + spare;
            var vault = await BackupVault.OpenAsync(objects, TestKeys, new VaultOptions(), Cancellation);
            var error = await Xunit.Record.ExceptionAsync(() => BackUpSecondAsync(vault));
            (error is null or ObjectStoreFullException).ShouldBeTrue($"{error}");

            objects.BytesMax = long.MaxValue;
            var after = await CreateAsync(objects);
            (await after.RestoreAsync(1)).ShouldBe(s_first);
            (await BackUpSecondAsync(after)).Seq.ShouldBe(2);
            (await after.RestoreAsync()).ShouldBe(s_second);
            await after.ShouldBeSoundAsync();
        }
    }

    [Fact]
    public async Task Cancelling_at_any_request_harms_nothing()
    {
        var before = new MemoryObjects();
        await (await CreateAsync(before)).BackUpAsync(ReadMode.FullSweep, s_first);
        var requestCount = await CountRequestsAsync(before.Copy(), new VaultOptions());

        for (var number = 1; number <= requestCount; number++)
        {
            var objects = before.Copy();
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var watched = new FaultyObjects(objects) { OnRequest = (current, _) => current == number ? cancelled.CancelAsync() : Task.CompletedTask };

            await Xunit.Record.ExceptionAsync(async () =>
                await BackUpSecondAsync(await BackupVault.OpenAsync(watched, TestKeys, new VaultOptions(), cancelled.Token), cancelled.Token));

            var after = await CreateAsync(objects);
            (await after.RestoreAsync(1)).ShouldBe(s_first);
            (await BackUpSecondAsync(after)).Seq.ShouldBe(2);
            (await after.RestoreAsync()).ShouldBe(s_second);
            await after.ShouldBeSoundAsync();
        }
    }

    private static async Task<long> CountRequestsAsync(MemoryObjects objects, VaultOptions options)
    {
        var counting = new FaultyObjects(objects);
        (await TryBackUpAsync(counting, options)).ShouldNotBeNull();
        return counting.RequestCount;
    }

    private static async Task<Snapshot?> TryBackUpAsync(IObjectStore objects, VaultOptions options)
    {
        try
        {
            return await BackUpSecondAsync(await BackupVault.OpenAsync(objects, TestKeys, options, Cancellation));
        }
        catch (ObjectStoreUnavailableException)
        {
            return null;
        }
    }

    private static Task<Snapshot> BackUpSecondAsync(VaultFixture vault) => BackUpSecondAsync(vault.Vault);

    private static Task<Snapshot> BackUpSecondAsync(BackupVault vault) => BackUpSecondAsync(vault, Cancellation);

    /// <summary>A run with a draft in the middle and another worker after it.</summary>
    private static async Task<Snapshot> BackUpSecondAsync(BackupVault vault, CancellationToken cancellation)
    {
        await using (var first = await vault.BackUpStreamAsync(Request("second"), cancellation))
        {
            if (first.Outcome is null && first.DraftCursor is null)
            {
                await first.WriteAsync(Utf8(s_second[0]), cancellation);
                await first.SaveDraftAsync("1", cancellation);
            }
        }

        await using var backup = await vault.BackUpStreamAsync(Request("second"), cancellation);
        if (backup.Outcome is null)
        {
            foreach (var record in s_second.Skip(backup.DraftCursor is null ? 0 : 1)) await backup.WriteAsync(Utf8(record), cancellation);
        }

        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, cancellation);
        return await vault.CommitAsync(new CommitRequest { Source = Source, Run = "second", Outcomes = [outcome] }, cancellation);
    }
}
