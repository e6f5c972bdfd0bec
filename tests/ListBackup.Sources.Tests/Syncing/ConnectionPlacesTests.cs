using CsCheck;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>How many streams of a connection are read at the same time, and that those which wait are read all the same, in no more time than it takes.</summary>
public sealed class ConnectionPlacesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_more_streams_than_the_connection_allows_are_read_at_once_however_many_workers_there_are(int atOnce)
    {
        await using var world = new SyncWorld { Connections = { AtOnce = atOnce } };
        string[] streams = ["a", "b", "c", "d", "e"];
        foreach (var name in streams) world.Platform.Add(name).Fill(7);
        var watch = new AtOnceWatch(world, workers: streams.Length);
        var source = await world.AddSourceAsync();
        var begun = world.Clock.GetUtcNow();

        var run = await world.SyncAsync(source);

        watch.Most.ShouldBe(atOnce);
        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        await world.ShouldBeBackedUpAsync(source, streams);
        world.Clock.GetUtcNow().ShouldBe(begun); // Each was sent for when a place came free; nobody waited for a clock.
    }

    [Fact]
    public async Task Two_sources_of_one_connection_share_its_places()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        world.Platform.Add("contacts").Fill(7);
        var watch = new AtOnceWatch(world, workers: 2);
        var (one, two) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        var runs = new[] { await world.StartAsync(one), await world.StartAsync(two) };

        await world.WorkAsync();

        watch.Most.ShouldBe(1);
        foreach (var run in runs) (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(one, "contacts");
        await world.ShouldBeBackedUpAsync(two, "contacts");
    }

    [Fact]
    public async Task A_stream_that_waits_for_a_place_was_not_tried_and_counts_no_failure()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        world.Platform.Add("a").Fill(7);
        world.Platform.Add("b").Fill(7);
        var source = await world.AddSourceAsync();
        var run = await world.StartAsync(source);
        RunPart? waiting = null;
        world.Platform.AfterPage = (stream, page) =>
        {
            if (stream != "a" || page != 1) return;
            world.DeliverAsync().GetAwaiter().GetResult().ShouldBeTrue(); // The other worker takes the message of b.
            waiting = world.PartsAsync(run).GetAwaiter().GetResult()["b"];
            world.DeliverAsync().GetAwaiter().GetResult().ShouldBeFalse(); // And it is done with, rather than sent round and round.
        };

        await world.WorkAsync();

        waiting.ShouldNotBeNull();
        (waiting.State, waiting.Failures, waiting.StartedAt, waiting.Lease).ShouldBe((PartState.Waiting, 0, null, null));
        (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_stream_that_waits_for_its_platform_leaves_its_place_to_others()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        world.Platform.Add("a").Fill(7);
        world.Platform.Add("b").Fill(7);
        var refusals = 1;
        world.Platform.Fails = (stream, page) => stream == "a" && page == 2 && refusals-- > 0 ? Failure.RateLimited(TimeSpan.FromMinutes(10)) : null;
        var source = await world.AddSourceAsync();
        DateTimeOffset? readAt = null;
        var begun = world.Clock.GetUtcNow();
        world.Platform.AfterPage = (stream, _) => readAt ??= stream == "b" ? world.Clock.GetUtcNow() : null;

        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);

        readAt.ShouldBe(begun);
        await world.ShouldBeBackedUpAsync(source, "a", "b");
    }

    [Fact]
    public async Task A_place_of_a_worker_that_was_killed_comes_free_and_its_stream_is_gone_on_with()
    {
        await using var world = new SyncWorld(new() { DraftEvery = TimeSpan.Zero }) { Connections = { AtOnce = 1 } };
        world.Platform.Add("a").Fill(20);
        world.Platform.Add("b").Fill(7);
        var source = await world.AddSourceAsync();
        var kills = 1;
        world.Platform.Fails = (stream, page) => stream == "a" && page == 3 && kills-- > 0 ? Failure.Killed : null;

        var run = await world.SyncAsync(source);

        world.Failures.ShouldHaveSingleItem().ShouldBeOfType<ProcessKilledException>();
        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        await world.ShouldBeBackedUpAsync(source, "a", "b");
    }

    [Fact]
    public async Task A_cancelled_run_leaves_its_places_and_its_turns_to_the_other_source()
    {
        await using var world = new SyncWorld(new() { ProgressEvery = TimeSpan.Zero }) { Connections = { AtOnce = 1 } };
        world.Platform.Add("a").Fill(20);
        world.Platform.Add("b").Fill(20);
        var (one, two) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        var cancelled = await world.StartAsync(one);
        var begun = world.Clock.GetUtcNow();
        Run? other = null;
        world.Platform.AfterPage = (_, _) =>
        {
            if (other is not null) return;
            other = world.StartAsync(two).GetAwaiter().GetResult();
            while (world.DeliverAsync().GetAwaiter().GetResult()) { } // Everything else is noted by now, the cancelled run's second stream first.
            world.Get<CancelRun>().CancelAsync(world.Account, one.Id, cancelled.Id, "usr_test", SyncWorld.Cancellation).GetAwaiter().GetResult();
        };

        await world.WorkAsync();

        (await world.RunAsync(cancelled)).State.ShouldBe(RunState.Cancelled);
        (await world.RunAsync(other!)).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(two, "a", "b");
        world.Clock.GetUtcNow().ShouldBe(begun);
    }

    [Fact]
    public async Task A_message_that_is_lost_on_its_way_to_a_waiting_stream_is_made_good_by_the_sweeper()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        world.Platform.Add("a").Fill(7);
        world.Platform.Add("b").Fill(7);
        var source = await world.AddSourceAsync();
        var run = await world.StartAsync(source);
        world.Platform.AfterPage = (stream, page) =>
        {
            if (stream != "a" || page != 1) return;
            world.DeliverAsync().GetAwaiter().GetResult();
            world.Queues.Loses = queue => queue == QueueName.Sync;
        };
        await world.WorkAsync();
        (await world.RunAsync(run)).State.ShouldBe(RunState.Reading);

        world.Queues.Loses = _ => false;
        await world.SweepAsync();

        (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(source, "a", "b");
    }

    [Fact]
    public async Task A_stream_that_is_sent_for_and_finds_its_place_taken_again_goes_on_waiting()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        var connection = await world.Connections.OpenAsync(world.Account, world.Connections.Id, ConnectionUse.Urgent, SyncWorld.Cancellation);
        var source = await world.AddSourceAsync();
        var run = RunId.New(world.Clock);
        SyncMessage first = new(world.Account, source.Id, run, "first"), waiting = first with { Stream = "waiting" }, quick = first with { Stream = "quick" };
        var queues = new HookedQueues();
        var places = new ConnectionPlaces(world.Runs.Items, new RunMessages(queues), new SyncOptions(), world.Clock);
        await places.TakeAsync(connection, first, "1", SyncWorld.Cancellation);
        await places.NoteAsync(connection.Id, waiting, "2", SyncWorld.Cancellation);
        await places.GiveBackAsync(connection.Id, first, "1", SyncWorld.Cancellation);

        queues.AfterSend = async () =>
        {
            // Before who sent has crossed it out, another stream takes the place, and the one that was sent for is noted anew.
            queues.AfterSend = () => Task.CompletedTask;
            (await places.TakeAsync(connection, quick, "3", SyncWorld.Cancellation)).ShouldBeTrue();
            (await places.TakeAsync(connection, waiting, "4", SyncWorld.Cancellation)).ShouldBeFalse();
            (await places.NoteAsync(connection.Id, waiting, "4", SyncWorld.Cancellation)).ShouldBeTrue();
        };
        await places.CallAsync(connection.Id, SyncWorld.Cancellation);
        await places.GiveBackAsync(connection.Id, quick, "3", SyncWorld.Cancellation);
        await places.CallAsync(connection.Id, SyncWorld.Cancellation);

        queues.Sent.ShouldBe(2);
    }

    [Fact]
    public void Workers_in_any_order_and_messages_that_come_twice_end_with_everything_read_and_nobody_waiting() => Gen.Select(Gen.Int, Gen.Int[1, 3]).Sample((seed, atOnce) =>
    {
        RunAsync(seed, atOnce).GetAwaiter().GetResult();

        static async Task RunAsync(int seed, int atOnce)
        {
            await using var world = new SyncWorld { DeliveryTime = TimeSpan.Zero, Connections = { AtOnce = atOnce } };
            world.Queues.Disorder = new Random(seed);
            string[] streams = ["a", "b", "c", "d"];
            foreach (var name in streams) world.Platform.Add(name).Fill(5);
            var source = await world.AddSourceAsync();
            var watch = new AtOnceWatch(world, workers: 3);

            var run = await world.SyncAsync(source);

            run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
            watch.Most.ShouldBeLessThanOrEqualTo(atOnce);
            await world.ShouldBeBackedUpAsync(source, streams);
            var places = (await world.Runs.Items.FindAsync(ConnectionKeys.Places(world.Connections.Id), SourceItemsJson.Default.Places, SyncWorld.Cancellation))!.Value;
            (places.Held.Count, places.Waiting.Count).ShouldBe((0, 0));
        }
    }, iter: 30, threads: 1);

    private sealed class HookedQueues : IQueues
    {
        public int Sent { get; private set; }

        public Func<Task> AfterSend { get; set; } = () => Task.CompletedTask;

        public Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation)
        {
            Sent++;
            return AfterSend();
        }
    }

    /// <summary>
    /// More workers than the test's own: before each page the next worker works before the first goes on, so that as many streams as there may be are in the middle of
    /// being read at once.
    /// </summary>
    private sealed class AtOnceWatch
    {
        private readonly SyncWorld _world;
        private readonly int _workers;
        private int _working;

        public AtOnceWatch(SyncWorld world, int workers)
        {
            (_world, _workers) = (world, workers);
            world.Platform.Fails = (_, _) => BeforePage();
        }

        public int Most { get; private set; }

        private Exception? BeforePage()
        {
            _working++;
            Most = Math.Max(Most, _working);
            if (_working < _workers)
            {
                while (_world.DeliverAsync().GetAwaiter().GetResult() && _working < _workers) { }
            }
            _working--;
            return null;
        }
    }
}
