using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class AnnouncedChangesTests
{
    [Fact]
    public async Task An_announced_change_is_in_a_snapshot_without_a_schedule_and_only_its_stream_is_read()
    {
        await using var world = new SyncWorld();
        var (source, contacts) = await BackedUpAsync(world);
        contacts.Put("r0001", "changed");

        await AnnounceAsync(world, "contacts");
        await TickAsync(world);
        await world.WorkAsync();

        var run = await LastAsync(world, source);
        (run.Trigger, run.State, run.RequestedBy).ShouldBe((RunTrigger.Webhook, RunState.Succeeded, "system"));
        run.Streams.ShouldBe(["contacts"]);
        (await world.PartsAsync(run))["contacts"].Mode.ShouldBe(ReadMode.Incremental);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(2);
        await world.ShouldBeBackedUpAsync(source, "contacts", "notes");
        (await world.SourceAsync(source)).AnnouncedStreams.ShouldBeEmpty();
        (await Left(world)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_announcements_in_a_short_time_are_one_run()
    {
        await using var world = new SyncWorld();
        var (source, _) = await BackedUpAsync(world);

        for (var i = 0; i < 200; i++) await AnnounceAsync(world, i % 3 == 0 ? "notes" : "contacts");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AnnounceAsync(world, "contacts", "notes")));
        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);

        (await world.SnapshotsAsync(source)).Count.ShouldBe(2);
        (await LastAsync(world, source)).Streams.ShouldBe(["contacts", "notes"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_platform_that_announces_all_the_time_makes_a_run_every_five_minutes()
    {
        await using var world = new SyncWorld();
        var (source, _) = await BackedUpAsync(world);

        for (var minute = 0; minute < 60; minute++)
        {
            await AnnounceAsync(world, "contacts");
            await WorkAMinuteAsync(world);
        }

        (await world.SnapshotsAsync(source)).Count.ShouldBeInRange(11, 14);
    }

    [Fact]
    public async Task What_is_announced_while_a_run_reads_is_read_by_one_run_after_it()
    {
        await using var world = new SyncWorld();
        var (source, contacts) = await BackedUpAsync(world);
        var live = await world.StartAsync(source);
        contacts.Put("r0002", "changed");

        await AnnounceAsync(world, "contacts");
        await AnnounceAsync(world, "contacts");
        await TickAsync(world);
        await TickAsync(world);
        (await world.SourceAsync(source)).CurrentRunId.ShouldBe(live.Id);
        await world.WorkAsync();
        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);

        var last = await LastAsync(world, source);
        last.Trigger.ShouldBe(RunTrigger.Webhook);
        last.QueuedAt.ShouldBeGreaterThanOrEqualTo((await world.RunAsync(live)).FinishedAt!.Value);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(3);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task What_is_announced_after_a_run_has_begun_is_announced_anew()
    {
        await using var world = new SyncWorld();
        var (source, contacts) = await BackedUpAsync(world);
        await AnnounceAsync(world, "contacts");
        await TickAsync(world);
        var first = (await world.SourceAsync(source)).CurrentRunId.ShouldNotBeNull();

        // The run may have read its page by now.
        contacts.Put("r0002", "changed");
        await AnnounceAsync(world, "contacts");
        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);

        (await world.SourceAsync(source)).LastRunId.ShouldNotBe(first);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(3);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task Only_sources_of_the_connection_that_back_the_stream_up_run()
    {
        await using var world = new SyncWorld();
        var (all, _) = await BackedUpAsync(world);
        var notes = await world.AddSourceAsync(s => s with { Streams = [new("notes")] });
        var contacts = await world.AddSourceAsync(s => s with { Streams = [new("contacts")] });
        var other = await world.AddSourceAsync(s => s with { ConnectionId = ConnectionId.New(TimeProvider.System) });
        var deleted = await world.AddSourceAsync(s => s with { DeletedAt = s.CreatedAt });

        await AnnounceAsync(world, "contacts");
        await TickAsync(world);

        foreach (var source in new[] { all, contacts }) (await world.SourceAsync(source)).CurrentRunId.ShouldNotBeNull();
        foreach (var source in new[] { notes, other }) (await world.SourceAsync(source)).CurrentRunId.ShouldBeNull();
        (await world.Runs.FindSourceAsync(deleted.AccountId, deleted.Id, SyncWorld.Cancellation))!.Value.CurrentRunId.ShouldBeNull();
    }

    [Fact]
    public async Task A_paused_source_does_not_run_and_reads_what_was_announced_when_it_goes_on()
    {
        await using var world = new SyncWorld();
        var (source, contacts) = await BackedUpAsync(world);
        await world.Runs.UpdateSourceAsync(source.AccountId, source.Id, s => s with { IsPaused = true }, SyncWorld.Cancellation);
        contacts.Put("r0002", "changed");

        await AnnounceAsync(world, "contacts");
        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(1);
        await world.Runs.UpdateSourceAsync(source.AccountId, source.Id, s => s with { IsPaused = false }, SyncWorld.Cancellation);
        await WorkAMinuteAsync(world);

        (await LastAsync(world, source)).Trigger.ShouldBe(RunTrigger.Webhook);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task The_first_snapshot_of_a_source_has_everything_whatever_was_announced()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts", isIncremental: true).Fill(5);
        world.Platform.Add("notes", isIncremental: true).Fill(5);
        var source = await world.AddSourceAsync();

        await AnnounceAsync(world, "contacts");
        await WorkAMinuteAsync(world);

        await world.ShouldBeBackedUpAsync(source, "contacts", "notes");
    }

    [Fact]
    public async Task A_schedule_goes_on_as_if_nothing_were_announced_and_its_turn_waits_for_a_run_of_some_streams()
    {
        await using var world = new SyncWorld();
        var (source, _) = await BackedUpAsync(world);
        var turn = world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        await world.Runs.UpdateSourceAsync(source.AccountId, source.Id, s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = turn }, SyncWorld.Cancellation);
        await AnnounceAsync(world, "contacts");
        await TickAsync(world);
        var webhook = (await world.SourceAsync(source)).CurrentRunId.ShouldNotBeNull();

        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await TickAsync(world);
        (await world.SourceAsync(source)).NextRunAt.ShouldBe(turn);
        await world.WorkAsync();
        await TickAsync(world);
        await world.WorkAsync();

        var after = await world.SourceAsync(source);
        after.LastRunId.ShouldNotBe(webhook);
        (await LastAsync(world, source)).Trigger.ShouldBe(RunTrigger.Schedule);
        after.NextRunAt.ShouldBe(turn.AddHours(1));
        after.LastMissed.ShouldBeNull();
    }

    [Fact]
    public async Task A_turn_of_the_schedule_reads_what_was_announced_and_no_run_comes_for_it_again()
    {
        await using var world = new SyncWorld();
        var (source, _) = await BackedUpAsync(world);
        await AnnounceAsync(world, "contacts");
        await world.Runs.UpdateSourceAsync(source.AccountId, source.Id, s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = world.Clock.GetUtcNow() }, SyncWorld.Cancellation);

        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);

        (await LastAsync(world, source)).Trigger.ShouldBe(RunTrigger.Schedule);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Schedulers_at_the_same_time_start_one_run_and_one_that_died_half_way_is_made_good()
    {
        await using var world = new SyncWorld();
        var (source, contacts) = await BackedUpAsync(world);
        var sent = world.Queues.Sent;
        await AnnounceAsync(world, "contacts");
        world.Clock.Advance(Announcements.Settling);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.Get<Scheduler>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation)));
        (world.Queues.Sent - sent).ShouldBe(1);
        await world.WorkAsync();

        // As whoever took it and died before any source knew it leaves it.
        contacts.Put("r0002", "changed");
        await AnnounceAsync(world, "contacts");
        await world.Runs.Items.UpdateAsync(
            Announcements.Key(world.Connections.Id), ConnectionJson.Default.Announcement, a => a with { Taken = a.Streams, TakenAt = world.Clock.GetUtcNow(), Streams = [], Since = null },
            SyncWorld.Cancellation, Announcements.Index);
        for (var minute = 0; minute < 10; minute++) await WorkAMinuteAsync(world);

        await world.ShouldBeBackedUpAsync(source, "contacts");
        (await Left(world)).ShouldBeEmpty();
    }

    private static async Task<(Source Source, ScriptedStream Contacts)> BackedUpAsync(SyncWorld world)
    {
        var contacts = world.Platform.Add("contacts", isIncremental: true);
        contacts.Fill(5);
        world.Platform.Add("notes", isIncremental: true).Fill(5);
        var source = await world.AddSourceAsync();
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);
        return (source, contacts);
    }

    private static Task AnnounceAsync(SyncWorld world, params string[] streams) =>
        new Announcements(world.Runs.Items, world.Clock).AddAsync(world.Account, world.Connections.Id, streams, SyncWorld.Cancellation);

    private static async Task TickAsync(SyncWorld world)
    {
        world.Clock.Advance(Announcements.Settling);
        await world.Get<Scheduler>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);
    }

    private static async Task WorkAMinuteAsync(SyncWorld world)
    {
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<Scheduler>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);
        await world.WorkAsync();
    }

    private static async Task<Run> LastAsync(SyncWorld world, Source source) =>
        (await world.Runs.FindRunAsync(source.Id, (await world.SourceAsync(source)).LastRunId!.Value, SyncWorld.Cancellation))!.Value;

    private static async Task<IReadOnlyList<Item>> Left(SyncWorld world) =>
        (await world.Runs.Items.QueryAsync(new() { Table = Table.Sources, ByIndex = true, Partition = Announcements.Partition }, SyncWorld.Cancellation)).Items;
}
