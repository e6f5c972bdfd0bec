using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Attachments;

public sealed class AttachmentGarbageTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromHours(25);
    private static readonly byte[] s_lost = [3, 3, 3];
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero));

    private VaultOptions Options => new() { Clock = _clock };

    [Fact]
    public async Task What_no_record_names_is_deleted_a_day_after_a_plan_and_what_one_names_stays()
    {
        var (vault, objects) = await VaultAsync();
        await LoseAsync(vault, s_lost);

        (await CollectAsync(vault)).Planned.ShouldBeEmpty("it may be of a run at work");
        _clock.Advance(s_day);
        (await vault.Vault.CollectAttachmentsAsync(GarbageReport.GraceDefault, isDryRun: true, Cancellation)).Planned.Count.ShouldBe(1);
        var planned = await CollectAsync(vault);
        (await CollectAsync(vault)).Deleted.ShouldBeEmpty("it is not due");
        Files(objects).Count.ShouldBe(2);
        _clock.Advance(s_day);
        var done = await CollectAsync(vault);

        (planned.PlanSeq, planned.Planned.Count, planned.DueAt).ShouldBe((1, 1, _clock.GetUtcNow() - s_day + GarbageReport.GraceDefault));
        done.Deleted.ShouldBe(planned.Planned);
        (done.PlanSeq, done.Kept.Count).ShouldBe((null, 0));
        Files(objects).Count.ShouldBe(1);
        (await CollectAsync(vault)).ShouldSatisfyAllConditions(report => report.Planned.ShouldBeEmpty(), report => report.Deleted.ShouldBeEmpty());
        await vault.ReopenAsync(Options);
        (await ReadAsync(vault, "1")).ShouldBe([1]);
        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Maintenance.ShouldBe(MaintenanceKind.AttachmentPlan);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_content_that_was_given_up_comes_again_under_another_name_however_often()
    {
        var (vault, objects) = await VaultAsync();
        var names = new HashSet<string>();
        for (var time = 0; time < 3; time++)
        {
            names.Add(await LoseAsync(vault, s_lost)).ShouldBeTrue("its names before were given up");
            await CollectWhollyAsync(vault);
            Files(objects).Count.ShouldBe(1);
        }

        await BackUpAsync(vault.Vault, Source, "again", "again", s_lost);
        await CollectWhollyAsync(vault);

        await vault.ReopenAsync(Options);
        (await ReadAsync(vault, "again")).ShouldBe(s_lost);
        await vault.ShouldBeSoundAsync();
        names.ShouldNotContain((await FindAsync(vault, "again")).Name);
    }

    [Fact]
    public async Task What_a_kept_or_held_snapshot_names_stays_until_it_is_let_go()
    {
        var (vault, objects) = await VaultAsync();
        await vault.Vault.PutHoldAsync(Source, new SnapshotHold("case", 1, _clock.GetUtcNow(), Until: null), Cancellation);
        await BackUpAsync(vault.Vault, Source, "r2", "1", [2]);
        _clock.Advance(TimeSpan.FromDays(40));
        await BackUpAsync(vault.Vault, Source, "r3", "1", [2]);
        await vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 7 }, Cancellation);

        await LetGoAsync();
        Files(objects).Count.ShouldBe(2, "the hold keeps the first");
        (await ReadAsync(vault, "1", 1)).ShouldBe([1]);
        await vault.Vault.LiftHoldAsync(Source, "case", Cancellation);
        await LetGoAsync();

        Files(objects).Count.ShouldBe(1);
        (await ReadAsync(vault, "1")).ShouldBe([2]);
        await vault.ShouldBeSoundAsync();

        async Task LetGoAsync()
        {
            await vault.Vault.ApplyRetentionAsync(Source, Cancellation);
            await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
            await CollectWhollyAsync(vault);
        }
    }

    [Fact]
    public async Task The_file_of_an_erased_record_is_collected_and_one_that_another_source_names_is_not()
    {
        var (vault, objects) = await VaultAsync();
        await BackUpAsync(vault.Vault, Source, "r2", "person", [7]);
        await BackUpAsync(vault.Vault, "src_2", "r1", "1", [1]);
        await vault.Vault.EraseAsync(new ErasureRequest { Id = "1", Records = [new RecordAddress(Source, Contacts, "person"), new RecordAddress(Source, Contacts, "1")] }, Cancellation);

        await CollectWhollyAsync(vault);

        Files(objects).Count.ShouldBe(1);
        (await ReadAsync(vault, "1", source: "src_2")).ShouldBe([1]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task While_a_run_with_files_has_a_draft_nothing_is_planned()
    {
        var (vault, objects) = await VaultAsync();
        await LoseAsync(vault, s_lost);
        await using (var first = await vault.Vault.BackUpStreamAsync(Request("slow", ReadMode.Incremental), Cancellation))
        {
            await first.WriteAsync(null, Utf8("""{"id":"slow"}"""), [await first.WriteAttachmentAsync("/file", new MemoryStream([9]), Cancellation)], Cancellation);
            await first.SaveDraftAsync("1", Cancellation);
        }

        for (var day = 0; day < 3; day++)
        {
            _clock.Advance(s_day);
            (await CollectAsync(vault)).IsWaitingForRuns.ShouldBeTrue();
        }

        await vault.BackUpAsync(Request("slow", ReadMode.Incremental), """{"id":"more"}""");
        (await ReadAsync(vault, "slow")).ShouldBe([9]);
        await CollectWhollyAsync(vault);
        Files(objects).Count.ShouldBe(2);
    }

    /// <summary>A run refers to a file that lies there and is about to be collected, in a source with a history and in one without.</summary>
    [Theory]
    [InlineData(Source)]
    [InlineData("src_new")]
    public async Task A_collection_at_any_request_of_a_backup_takes_nothing_that_the_backup_commits(string source)
    {
        var (vault, before) = await VaultAsync();
        await LoseAsync(vault, s_lost);
        var (refused, done, isNamedAnew) = (0, 0, 0);
        for (var number = 1; ; number++)
        {
            var (objects, clock) = (before.Copy(), new FakeTimeProvider(_clock.GetUtcNow()));
            var options = new VaultOptions { Clock = clock };
            var watched = new FaultyObjects(objects);
            var (worker, collector) = (await CreateAsync(watched, options), await CreateAsync(objects, options));
            var already = watched.RequestCount;
            watched.OnRequest = async (current, _) =>
            {
                if (current != already + number) return;
                // A plan and its deletion, by a clock that says of everything that it is old.
                for (var i = 0; i < 3; i++)
                {
                    clock.Advance(s_day);
                    await CollectAsync(collector);
                }
            };

            if (await Xunit.Record.ExceptionAsync(() => BackUpAsync(worker.Vault, source, "late", "late", s_lost)) is { } refusal)
            {
                refusal.ShouldBeOfType<ObjectsCollectedException>($"the collection came at request {number}");
                refused++;
                await BackUpAsync(collector.Vault, source, "again", "late", s_lost);
            }
            else
            {
                done++;
            }

            // Whatever was given up meanwhile may go now.
            await CollectWhollyAsync(collector, clock);
            (await ReadAsync(collector, "late", source: source)).ShouldBe(s_lost, $"the collection came at request {number}");
            if ((await FindAsync(collector, "late", source: source)).Name != NameOfLost(before)) isNamedAnew++;
            await collector.ShouldBeSoundAsync();
            if (watched.RequestCount < already + number) break;
        }

        done.ShouldBeGreaterThan(0);
        refused.ShouldBeGreaterThan(0, "otherwise the test meets nothing");
        isNamedAnew.ShouldBeGreaterThanOrEqualTo(refused);
    }

    [Theory]
    [InlineData(FaultTime.BeforeEffect, false)]
    [InlineData(FaultTime.AfterEffect, false)]
    [InlineData(FaultTime.AfterEffect, true)]
    public async Task A_request_that_fails_never_harms_a_file_and_the_next_collection_goes_on(FaultTime time, bool isLasting)
    {
        var (vault, before) = await VaultAsync();
        await LoseAsync(vault, s_lost);
        _clock.Advance(s_day);
        var counting = new FaultyObjects(before.Copy());
        await TwiceAsync(await CreateAsync(counting, new VaultOptions { Clock = new FakeTimeProvider(_clock.GetUtcNow()) }));

        for (var number = 1; number <= counting.RequestCount; number++)
        {
            var (objects, clock) = (before.Copy(), new FakeTimeProvider(_clock.GetUtcNow()));
            var faulty = new FaultyObjects(objects) { IsLasting = isLasting }.FailAt(number, time);
            await Xunit.Record.ExceptionAsync(async () => await TwiceAsync(await CreateAsync(faulty, new VaultOptions { Clock = clock })));

            var after = await CreateAsync(objects, new VaultOptions { Clock = clock });
            (await ReadAsync(after, "1")).ShouldBe([1], $"fault at request {number}");
            await after.ShouldBeSoundAsync();
            await CollectWhollyAsync(after, clock);
            Files(objects).Count.ShouldBe(1, $"fault at request {number}");
            await after.ShouldBeSoundAsync();
        }

        static async Task TwiceAsync(VaultFixture vault)
        {
            await CollectAsync(vault);
            await vault.Vault.CollectAttachmentsAsync(TimeSpan.Zero, isDryRun: false, Cancellation);
        }
    }

    [Fact]
    public async Task Collectors_that_meet_at_any_request_come_to_one_end()
    {
        var (vault, before) = await VaultAsync();
        await LoseAsync(vault, s_lost);
        var start = _clock.GetUtcNow() + s_day;
        for (var number = 1; ; number++)
        {
            var (objects, clock) = (before.Copy(), new FakeTimeProvider(start));
            var watched = new FaultyObjects(objects);
            var (one, other) = (await CreateAsync(watched, new VaultOptions { Clock = clock }), await CreateAsync(objects, new VaultOptions { Clock = clock }));
            var already = watched.RequestCount;
            watched.OnRequest = async (current, _) =>
            {
                if (current == already + number) await CollectAsync(other);
            };

            await CollectAsync(one);
            clock.Advance(s_day);
            await CollectAsync(one);
            await CollectAsync(other);

            Files(objects).Count.ShouldBe(1, $"the other came at request {number}");
            (await ReadAsync(one, "1")).ShouldBe([1]);
            await one.ShouldBeSoundAsync();
            if (watched.RequestCount < already + number) break;
        }
    }

    [Fact]
    public async Task Every_flipped_byte_and_the_loss_of_a_plan_is_found()
    {
        var (vault, objects) = await VaultAsync();
        await LoseAsync(vault, s_lost);
        await CollectWhollyAsync(vault);
        var plans = objects.Contents.Where(item => item.Key.StartsWith("g/", StringComparison.Ordinal)).ToList();

        plans.Select(item => item.Key).Order(StringComparer.Ordinal).ShouldBe(["g/p/000000000001.json", "g/p/000000000002.json", $"g/s/{Source}"]);
        foreach (var (name, content) in plans)
        {
            for (var offset = 0; offset < content.Length; offset += 7)
            {
                content[offset] ^= 1;
                (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldContain(problem => problem.Object == name, $"{name} at {offset}");
                content[offset] ^= 1;
            }
        }

        await objects.DeleteAsync("g/p/000000000002.json", Cancellation);
        await vault.ShouldBeSoundAsync();
        await objects.DeleteAsync("g/p/000000000001.json", Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Object.ShouldBe("g/p/000000000001.json");
    }

    private async Task<(VaultFixture Vault, MemoryObjects Objects)> VaultAsync()
    {
        var objects = new MemoryObjects(_clock);
        var vault = await CreateAsync(objects, Options);
        await BackUpAsync(vault.Vault, Source, "r1", "1", [1]);
        return (vault, objects);
    }

    private static async Task BackUpAsync(BackupVault vault, string source, string run, string id, byte[] content)
    {
        await using var backup = await vault.BackUpStreamAsync(Request(run, ReadMode.Incremental) with { Source = source }, Cancellation);
        var attachment = await backup.WriteAttachmentAsync("/file", new MemoryStream(content), Cancellation);
        (await backup.WriteAsync(null, Utf8($$"""{"id":"{{id}}"}"""), [attachment], Cancellation)).IsAccepted.ShouldBeTrue();
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        await vault.CommitAsync(new CommitRequest { Source = source, Run = run, Outcomes = [outcome] }, Cancellation);
    }

    /// <summary>A file that its run stores and never commits.</summary>
    private static async Task<string> LoseAsync(VaultFixture vault, byte[] content)
    {
        await using var backup = await vault.Vault.BackUpStreamAsync(Request("lost", ReadMode.Incremental), Cancellation);
        return (await backup.WriteAttachmentAsync("/file", new MemoryStream(content), Cancellation)).Name;
    }

    private static Task<AttachmentGarbageReport> CollectAsync(VaultFixture vault) => vault.Vault.CollectAttachmentsAsync(GarbageReport.GraceDefault, isDryRun: false, Cancellation);

    private Task CollectWhollyAsync(VaultFixture vault) => CollectWhollyAsync(vault, _clock);

    private static async Task CollectWhollyAsync(VaultFixture vault, FakeTimeProvider clock)
    {
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(s_day);
            await CollectAsync(vault);
        }
    }

    private static List<string> Files(MemoryObjects objects) => [.. objects.Contents.Keys.Where(name => name.StartsWith("f/", StringComparison.Ordinal))];

    private static string NameOfLost(MemoryObjects objects) => Files(objects).Select(name => name[5..]).Single(name => objects.Contents[$"f/{name[..2]}/{name}"].Length == 8 + s_lost.Length + 16);

    private static async Task<Attachment> FindAsync(VaultFixture vault, string id, long? seq = null, string source = Source) =>
        (await (await vault.Vault.OpenSnapshotAsync(source, seq, Cancellation)).FindAsync(Contacts, id, Cancellation))!.Attachments.ShouldHaveSingleItem();

    private static async Task<byte[]> ReadAsync(VaultFixture vault, string id, long? seq = null, string source = Source)
    {
        await using var stream = await vault.Vault.OpenAttachmentAsync(await FindAsync(vault, id, seq, source), Cancellation);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }
}
