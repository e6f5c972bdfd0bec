using CsCheck;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>Whatever is cut off, comes twice or comes late: nothing is lost and nothing is doubled.</summary>
public sealed class InterruptionTests
{
    [Fact]
    public async Task A_worker_whose_time_ends_after_every_page_brings_everything()
    {
        await using var world = new SyncWorld { DeliveryTime = TimeSpan.Zero };
        world.Platform.Add("contacts").Fill(20);
        world.Platform.Add("lists").Fill(7);
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        await world.ShouldBeBackedUpAsync(source, "contacts", "lists");
        world.Platform.PagesServed.ShouldBe(7 + 3); // Every page once: each delivery went on where the one before stopped.
        (await world.PartsAsync(run))["contacts"].Counts.ShouldBe(new PartCounts { Pages = 7, Records = 20, Added = 20, Requests = 7, Total = (await world.PartsAsync(run))["contacts"].Counts.Total });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_process_killed_at_any_page_is_gone_on_with_by_redelivery(int page)
    {
        await using var world = new SyncWorld(new() { DraftEvery = TimeSpan.Zero });
        world.Platform.Add("contacts").Fill(20);
        var source = await world.AddSourceAsync();
        var kills = 1;
        world.Platform.Fails = (_, p) => p == page && kills-- > 0 ? Failure.Killed : null;

        var run = await world.SyncAsync(source);

        world.Failures.ShouldHaveSingleItem().ShouldBeOfType<ProcessKilledException>();
        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        await world.ShouldBeBackedUpAsync(source, "contacts");
        (await world.PartsAsync(run))["contacts"].Counts.Records.ShouldBe(20);
    }

    [Fact]
    public void Duplicated_and_reordered_messages_make_one_snapshot_with_everything_in_it() => Gen.Int.Sample(seed =>
    {
        RunAsync(seed).GetAwaiter().GetResult();

        static async Task RunAsync(int seed)
        {
            await using var world = new SyncWorld { DeliveryTime = TimeSpan.Zero };
            world.Queues.Disorder = new Random(seed);
            world.Platform.Add("contacts").Fill(8);
            world.Platform.Add("lists").Fill(4);
            var source = await world.AddSourceAsync();

            var run = await world.SyncAsync(source);

            run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
            (await world.SnapshotsAsync(source)).Count.ShouldBe(1);
            await world.ShouldBeBackedUpAsync(source, "contacts", "lists");
            (await world.PartsAsync(run)).Values.Sum(p => p.Counts.Records).ShouldBe(12);
        }
    }, iter: 30, threads: 1);

    [Theory]
    [InlineData(QueueName.Plan)]
    [InlineData(QueueName.Sync)]
    [InlineData(QueueName.Commit)]
    public async Task A_message_lost_with_its_sender_is_sent_again_by_the_sweeper(QueueName lost)
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        var source = await world.AddSourceAsync();
        world.Queues.Loses = queue => queue == lost;
        var run = await world.SyncAsync(source);
        run.HasEnded.ShouldBeFalse();

        world.Queues.Loses = _ => false;
        await world.SweepAsync();

        (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task The_sweeper_leaves_a_run_alone_that_is_at_work()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var sent = world.Queues.Sent;

        await world.SweepAsync();

        world.Queues.Sent.ShouldBe(sent);
    }

    [Fact]
    public async Task A_cancelled_run_makes_no_snapshot_and_the_next_one_starts_afresh()
    {
        await using var world = new SyncWorld(new() { ProgressEvery = TimeSpan.Zero });
        world.Platform.Add("contacts").Fill(20);
        var source = await world.AddSourceAsync();
        var run = await world.StartAsync(source);
        var cancelled = false;
        world.Platform.AfterPage = (_, page) =>
        {
            if (page != 3 || cancelled) return;
            cancelled = true;
            world.Get<CancelRun>().CancelAsync(world.Account, source.Id, run.Id, "usr_test", SyncWorld.Cancellation).GetAwaiter().GetResult();
        };

        await world.WorkAsync();

        (await world.RunAsync(run)).State.ShouldBe(RunState.Cancelled);
        (await world.SnapshotsAsync(source)).ShouldBeEmpty();
        world.Platform.PagesServed.ShouldBe(4); // The page after the cancellation was on its way.
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }
}
