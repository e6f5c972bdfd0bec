using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class GarbageTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromHours(25);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero));

    // Every section becomes an object at once.
    private VaultOptions Options => new() { Clock = _clock, PackedSectionBytesMax = 0 };

    [Fact]
    public async Task What_a_compaction_replaced_is_deleted_a_day_after_a_plan_and_not_before()
    {
        var (vault, objects) = await CompactedAsync();
        var states = await CompactionTests.StatesAsync(vault, 5);

        var planned = await CollectAsync(vault);
        (await CollectAsync(vault)).ShouldSatisfyAllConditions(report => report.Deleted.ShouldBeEmpty(), report => report.Snapshot.ShouldBeNull());
        Segments(objects).Count.ShouldBe(6);
        _clock.Advance(s_day);
        var done = await CollectAsync(vault);

        (planned.PlanSeq, planned.Planned.Count, planned.Snapshot!.Maintenance).ShouldBe((7, 5, MaintenanceKind.GcPlan));
        (done.Deleted.Count, done.Snapshot!.Seq, done.Snapshot.Maintenance, done.PlanSeq).ShouldBe((5, 8, MaintenanceKind.GcDone, null));
        Segments(objects).Count.ShouldBe(1);
        await vault.ReopenAsync(Options);
        (await CompactionTests.StatesAsync(vault, 5)).ShouldBe(states);
        await vault.ShouldBeSoundAsync();
        (await CollectAsync(vault)).Snapshot.ShouldBeNull();
    }

    [Fact]
    public async Task A_dry_run_says_what_it_would_do_and_does_nothing()
    {
        var (vault, objects) = await CompactedAsync();

        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: true, Cancellation)).Planned.Count.ShouldBe(5);
        await CollectAsync(vault);
        _clock.Advance(s_day);
        (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: true, Cancellation)).Planned.Count.ShouldBe(5);

        Segments(objects).Count.ShouldBe(6);
        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq.ShouldBe(7);
    }

    [Fact]
    public async Task What_a_crashed_run_left_is_collected_when_it_is_a_day_old()
    {
        var (vault, objects) = await VaultAsync();
        await CrashAsync(objects);

        Segments(objects).Count.ShouldBe(2);
        (await CollectAsync(vault)).Snapshot.ShouldBeNull("it may be of a run at work");
        _clock.Advance(s_day);
        (await CollectAsync(vault)).Planned.Count.ShouldBe(1);
        _clock.Advance(s_day);
        await CollectAsync(vault);

        Segments(objects).Count.ShouldBe(1);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task What_a_draft_names_is_left_however_long_the_run_rests()
    {
        var (vault, objects) = await VaultAsync();
        await using (var first = await vault.Vault.BackUpStreamAsync(Request("slow", ReadMode.Incremental), Cancellation))
        {
            await first.WriteAsync(Utf8("""{"id":"slow"}"""), Cancellation);
            await first.SaveDraftAsync("1", Cancellation);
        }

        for (var day = 0; day < 5; day++)
        {
            _clock.Advance(s_day);
            await CollectAsync(vault);
        }

        var snapshot = await vault.BackUpAsync(Request("slow", ReadMode.Incremental), """{"id":"more"}""");
        (await vault.RestoreAsync(snapshot.Seq)).ShouldContain("""{"id":"slow"}""");
        Segments(objects).Count.ShouldBe(3);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Locked_objects_are_kept_and_planned_again()
    {
        var (vault, objects) = await CompactedAsync();
        var locked = Segments(objects)[0];
        var locking = await CreateAsync(new LockedObjects(objects, locked), Options);
        await CollectAsync(locking);
        _clock.Advance(s_day);

        var done = await CollectAsync(locking);

        done.Kept.ShouldBe([locked]);
        (done.Deleted.Count, done.PlanSeq).ShouldBe((4, null));
        (await CollectAsync(vault)).Planned.ShouldBe([locked]);
        _clock.Advance(s_day);
        (await CollectAsync(vault)).Deleted.ShouldBe([locked]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Collectors_that_meet_at_any_request_come_to_one_end()
    {
        var before = new MemoryObjects(_clock);
        await CompactionTests.ManyBackupsAsync(4, before, Options);
        await (await CreateAsync(before, Options)).Vault.CompactAsync(Source, isFull: true, Cancellation);
        var start = _clock.GetUtcNow() + s_day;
        for (var number = 1; number < 60; number++)
        {
            var objects = before.Copy();
            var clock = new FakeTimeProvider(start);
            var options = new VaultOptions { Clock = clock };
            var watched = new FaultyObjects(objects);
            var (one, other) = (await CreateAsync(watched, options), await CreateAsync(objects, options));
            var already = watched.RequestCount;
            watched.OnRequest = async (current, _) =>
            {
                if (current == already + number) await CollectAsync(other);
            };

            await CollectAsync(one);
            clock.Advance(s_day);
            await CollectAsync(one);
            await CollectAsync(other);

            Segments(objects).Count.ShouldBe(1, $"the other came at request {number}");
            (await one.RestoreAsync()).Count.ShouldBe(5);
            await one.ShouldBeSoundAsync();
            if (watched.RequestCount < already + number) break;
        }
    }

    [Fact]
    public async Task A_collection_at_any_request_of_a_backup_takes_nothing_that_the_backup_commits()
    {
        var before = new MemoryObjects(_clock);
        await (await CreateAsync(before, Options)).BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        await EachMeetingAsync(before, vault => BackUpLateAsync(vault, "late"), vault => BackUpLateAsync(vault, "again"), """{"id":"late"}""");
    }

    [Fact]
    public async Task A_collection_at_any_request_of_a_compaction_takes_nothing_that_the_compaction_commits()
    {
        var before = new MemoryObjects(_clock);
        await CompactionTests.ManyBackupsAsync(4, before, Options);
        await EachMeetingAsync(before, CompactAsync, CompactAsync, """{"id":4}""");

        static Task CompactAsync(BackupVault vault) => vault.CompactAsync(Source, isFull: true, Cancellation);
    }

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false)]
    [InlineData(FaultTime.AfterEffect, false)]
    [InlineData(FaultTime.AfterEffect, true)]
    public async Task A_request_that_fails_never_harms_a_snapshot(FaultTime time, bool isLasting)
    {
        var before = new MemoryObjects(_clock);
        var states = await CompactionTests.StatesAsync(await CompactionTests.ManyBackupsAsync(4, before, Options), 4);
        await (await CreateAsync(before, Options)).Vault.CompactAsync(Source, isFull: true, Cancellation);
        _clock.Advance(s_day);
        var counting = new FaultyObjects(before.Copy());
        await CollectTwiceAsync(await CreateAsync(counting, new VaultOptions { Clock = new FakeTimeProvider(_clock.GetUtcNow()) }));

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var (objects, clock) = (before.Copy(), new FakeTimeProvider(_clock.GetUtcNow()));
            var faulty = new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time);
            await Xunit.Record.ExceptionAsync(async () => await CollectTwiceAsync(await CreateAsync(faulty, new VaultOptions { Clock = clock })));

            var after = await CreateAsync(objects, new VaultOptions { Clock = clock });
            (await CompactionTests.StatesAsync(after, 4)).ShouldBe(states, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
            clock.Advance(s_day);
            await CollectTwiceAsync(after);
            Segments(objects).Count.ShouldBe(1, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
        }

        static async Task CollectTwiceAsync(VaultFixture vault)
        {
            await CollectAsync(vault);
            await vault.Vault.CollectGarbageAsync(Source, TimeSpan.Zero, isDryRun: false, Cancellation);
        }
    }

    /// <summary>Plays the work with a whole collection, plan and deletion, at each of its requests. It may be refused, and then done again; it may not lose anything.</summary>
    private async Task EachMeetingAsync(MemoryObjects before, Func<BackupVault, Task> work, Func<BackupVault, Task> again, string expected)
    {
        var (refused, done) = (0, 0);
        for (var number = 1; ; number++)
        {
            var (objects, clock) = (before.Copy(), new FakeTimeProvider(_clock.GetUtcNow()));
            var options = new VaultOptions { Clock = clock, PackedSectionBytesMax = 0 };
            var watched = new FaultyObjects(objects);
            var (worker, collector) = (await CreateAsync(watched, options), await CreateAsync(objects, options));
            var already = watched.RequestCount;
            watched.OnRequest = async (current, _) =>
            {
                if (current != already + number) return;
                // By the clock everything is garbage that could be.
                for (var i = 0; i < 2; i++)
                {
                    clock.Advance(s_day);
                    await CollectAsync(collector);
                }
            };

            if (await Xunit.Record.ExceptionAsync(() => work(worker.Vault)) is { } refusal)
            {
                refusal.ShouldBeOfType<ObjectsCollectedException>($"the collection came at request {number}");
                refused++;
                await again(collector.Vault);
            }
            else
            {
                done++;
            }

            (await collector.RestoreAsync()).ShouldContain(expected, $"the collection came at request {number}");
            await collector.ShouldBeSoundAsync();
            if (watched.RequestCount < already + number) break;
        }

        done.ShouldBeGreaterThan(0);
        refused.ShouldBeGreaterThan(0, "otherwise the test meets nothing");
    }

    private static async Task BackUpLateAsync(BackupVault vault, string run)
    {
        await using var backup = await vault.BackUpStreamAsync(Request(run, ReadMode.Incremental), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":"late"}"""), Cancellation);
        await backup.SaveDraftAsync("1", Cancellation);
        await backup.WriteAsync(Utf8("""{"id":"later"}"""), Cancellation);
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        await vault.CommitAsync(new CommitRequest { Source = Source, Run = run, Outcomes = [outcome] }, Cancellation);
    }

    private static Task<GarbageReport> CollectAsync(VaultFixture vault) =>
        vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation);

    private static List<string> Segments(MemoryObjects objects) =>
        [.. objects.Contents.Keys.Where(name => name.StartsWith("s/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private async Task<(VaultFixture Vault, MemoryObjects Objects)> VaultAsync()
    {
        var objects = new MemoryObjects(_clock);
        var vault = await CreateAsync(objects, Options);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        return (vault, objects);
    }

    private async Task<(VaultFixture Vault, MemoryObjects Objects)> CompactedAsync()
    {
        var objects = new MemoryObjects(_clock);
        var vault = await CompactionTests.ManyBackupsAsync(5, objects, Options);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        _clock.Advance(s_day);
        return (vault, objects);
    }

    /// <summary>A backup whose segment is stored and whose draft is not.</summary>
    private async Task CrashAsync(MemoryObjects objects)
    {
        var faulty = new FaultyObjects(objects) { OnRequest = (_, request) => request.StartsWith("put x/drafts", StringComparison.Ordinal) ? throw new ObjectStoreUnavailableException("By order of the test.") : Task.CompletedTask };
        var vault = await CreateAsync(faulty, Options);
        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => vault.BackUpAsync(Request("crashed"), """{"id":"lost"}"""));
    }

    /// <summary>A store that does not let an object go.</summary>
    private sealed class LockedObjects(IObjectStore inner, string locked) : IObjectStore
    {
        public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation) => inner.HeadAsync(name, cancellation);

        public Task<byte[]> ReadAsync(string name, CancellationToken cancellation) => inner.ReadAsync(name, cancellation);

        public Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation) => inner.ReadRangeAsync(name, offset, length, cancellation);

        public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) => inner.OpenReadAsync(name, cancellation);

        public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) => inner.PutAsync(name, content, condition, cancellation);

        public Task PutStreamAsync(string name, Stream content, CancellationToken cancellation) => inner.PutStreamAsync(name, content, cancellation);

        public IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, CancellationToken cancellation) => inner.ListAsync(prefix, after, cancellation);

        public Task DeleteAsync(string name, CancellationToken cancellation) => name == locked ? throw new ObjectLockedException(name) : inner.DeleteAsync(name, cancellation);
    }
}
