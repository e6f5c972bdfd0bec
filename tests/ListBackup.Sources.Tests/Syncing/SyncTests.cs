using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class SyncTests
{
    [Fact]
    public async Task The_first_sync_backs_up_every_record_of_every_stream()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(10);
        world.Platform.Add("lists").Fill(2);
        world.Platform.Add("empty");
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        run.SnapshotSeq.ShouldBe(1);
        await world.ShouldBeBackedUpAsync(source, "contacts", "lists", "empty");
        var part = (await world.PartsAsync(run))["contacts"];
        part.Counts.ShouldBe(new PartCounts { Pages = 4, Records = 10, Added = 10, Requests = 4, Total = 10 });
        var after = await world.SourceAsync(source);
        after.CurrentRunId.ShouldBeNull();
        (after.LastRunState, after.LastSnapshotSeq).ShouldBe((RunState.Succeeded, 1));
        world.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sync_of_unchanged_data_writes_no_segment_and_counts_no_change()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(10);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var before = Segments(world);

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded);
        Segments(world).ShouldBe(before);
        var snapshots = await world.SnapshotsAsync(source);
        snapshots[1].Streams.Single().StateRoot.ShouldBe(snapshots[0].Streams.Single().StateRoot);
        (snapshots[1].Streams[0].Added, snapshots[1].Streams[0].Changed, snapshots[1].Streams[0].Deleted).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Adding_changing_and_deleting_show_as_exactly_that()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(10);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);

        contacts.Put("r0003", "changed");
        contacts.Put("new", "added");
        contacts.Delete("r0007");
        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(source, "contacts");
        var vault = await world.VaultAsync();
        var differences = new List<(string, DifferenceKind)>();
        await foreach (var difference in vault.DiffAsync(source.Id.ToString(), "contacts", 1, 2, SyncWorld.Cancellation)) differences.Add((difference.Key, difference.Kind));
        differences.ShouldBe([("r0003", DifferenceKind.Changed), ("new", DifferenceKind.Added), ("r0007", DifferenceKind.Deleted)], ignoreOrder: true);
        var history = await vault.GetHistoryAsync(source.Id.ToString(), "contacts", "r0007", SyncWorld.Cancellation);
        history.Select(v => (v.Seq, v.Operation)).ShouldBe([(1L, RecordOperation.Put), (2L, RecordOperation.Gone)]);
    }

    [Fact]
    public async Task An_incremental_read_takes_only_what_changed_and_the_result_equals_a_full_one()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts", isIncremental: true).Fill(20);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);

        contacts.Put("r0003", "changed");
        contacts.Put("new", "added");
        var pages = world.Platform.PagesServed;
        var incremental = await world.SyncAsync(source);

        (world.Platform.PagesServed - pages).ShouldBe(1);
        (await world.PartsAsync(incremental))["contacts"].Mode.ShouldBe(ReadMode.Incremental);
        await world.ShouldBeBackedUpAsync(source, "contacts");

        await world.SyncAsync(source, run => run with { IsFullSweep = true });
        var roots = (await world.SnapshotsAsync(source)).Select(s => s.Streams.Single().StateRoot).ToList();
        roots[2].ShouldBe(roots[1]);
    }

    [Fact]
    public async Task A_deletion_without_a_trace_is_found_by_the_full_sweep_that_is_due_after_a_week()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts", isIncremental: true).Fill(5);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Delete("r0002");

        await world.SyncAsync(source);
        (await world.BackedUpAsync(source, "contacts")).Keys.ShouldContain("r0002");

        world.Clock.Advance(TimeSpan.FromDays(7));
        await world.SyncAsync(source);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task Excluded_fields_are_not_stored()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("users").PutJson("1", """{"id":"1","name":"Ann","secret":{"token":"t","hint":"h"},"n":12345678901234567890}""");
        var source = await world.AddSourceAsync(s => s with { Streams = [new("users", ["/secret/token"])] });

        await world.SyncAsync(source);

        (await world.BackedUpAsync(source, "users"))["1"].ShouldBe("""{"id":"1","name":"Ann","secret":{"hint":"h"},"n":12345678901234567890}""");
    }

    [Fact]
    public async Task A_sharp_drop_of_the_count_is_an_anomaly_and_does_not_turn_the_source_green()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        foreach (var id in contacts.Records.Keys.Take(15).ToList()) contacts.Delete(id);

        var run = await world.SyncAsync(source);

        run.Anomalies.ShouldHaveSingleItem().Code.ShouldBe("count-drop");
        SourceView.Of(await world.SourceAsync(source)).Health.ShouldBe(SourceHealth.Attention);
    }

    [Fact]
    public async Task A_live_run_blocks_a_second_one()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();
        await world.StartAsync(source);

        var refusal = await Should.ThrowAsync<Domain.Problem>(() => world.StartAsync(source));

        refusal.Code.ShouldBe("run-is-live");
    }

    [Fact]
    public async Task A_finished_run_is_in_the_audit_log_once()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);
        await world.SweepAsync();

        var log = world.Get<Domain.ActivityLog>();
        (await log.VerifyAsync(world.Account, SyncWorld.Cancellation)).ShouldBe(new Domain.ActivityCheck(1, null));
        run.State.ShouldBe(RunState.Succeeded);
    }

    private static IReadOnlyList<string> Segments(SyncWorld world) =>
        [.. ((ListBackup.Testing.MemoryObjects)world.Objects.Bucket(AccountVaults.BucketOf(world.Account))).Contents.Keys.Where(name => name.StartsWith("s/", StringComparison.Ordinal))];
}
