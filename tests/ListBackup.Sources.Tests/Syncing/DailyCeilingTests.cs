using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

/// <summary>The customer gives backups only a share of the platform's daily quota.</summary>
public sealed class DailyCeilingTests
{
    // Streams are read one after the other here, so one counter of pages is the day's spending.
    private const int PagesADay = 4;

    [Fact]
    public async Task A_spent_day_costs_no_worker_no_page_twice_and_the_run_succeeds_the_days_after()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(40);
        world.Platform.Add("lists").Fill(5);
        var source = await world.AddSourceAsync();
        HoldEachDay(world);

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        run.HeldUntil.ShouldNotBeNull();
        run.Log.ShouldContain(line => line.Message.Contains("40 % of its daily quota"));
        (world.Clock.GetUtcNow() - run.QueuedAt).ShouldBeInRange(TimeSpan.FromDays(1), TimeSpan.FromDays(4));
        await world.ShouldBeBackedUpAsync(source, "contacts", "lists");
        world.Connections.Unhealthy.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_day_is_spent_the_run_says_until_when_and_what_to_do()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        var midnight = Midnight(world);
        HoldEachDay(world);

        var run = await world.StartAsync(source);
        while (await world.DeliverAsync()) { }

        run = await world.RunAsync(run);
        (run.State, run.HeldUntil).ShouldBe((RunState.Reading, midnight));
        var part = (await world.PartsAsync(run))["contacts"];
        (part.State, part.NotBefore).ShouldBe((PartState.Delayed, midnight));
        part.Reason!.Code.ShouldBe("daily-ceiling");
        part.Reason.Action!.ShouldContain("dailyPercentMax");
        part.Counts.Pages.ShouldBe(PagesADay);
    }

    [Fact]
    public async Task A_stream_that_meets_a_spent_day_again_and_again_is_not_taken_for_one_that_fails()
    {
        await using var world = new SyncWorld(new() { FailuresMax = 2 });
        world.Platform.Add("contacts").Fill(5);
        var source = await world.AddSourceAsync();
        var spentDays = 6;
        world.Platform.Fails = (_, _) => spentDays-- > 0 ? Failure.DayIsSpent(world.Clock.GetUtcNow(), Midnight(world)) : null;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
    }

    [Fact]
    public async Task The_sweeper_does_not_take_a_run_for_stuck_that_waits_for_the_next_day()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(80);
        var source = await world.AddSourceAsync();
        HoldEachDay(world);
        var run = await world.StartAsync(source);

        for (var i = 0; i < 20 && !(await world.RunAsync(run)).HasEnded; i++) await world.SweepAsync();

        (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_run_that_would_wait_too_long_ends_partial_with_what_it_has()
    {
        await using var world = new SyncWorld(new() { HeldMax = TimeSpan.FromDays(2) });
        world.Platform.Add("contacts").Fill(100);
        var source = await world.AddSourceAsync();
        HoldEachDay(world);

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        var part = (await world.PartsAsync(run))["contacts"];
        (part.State, part.Reason!.Code).ShouldBe((PartState.Incomplete, "daily-ceiling"));
        (await world.SnapshotsAsync(source)).ShouldHaveSingleItem().Streams.ShouldHaveSingleItem().Coverage.Level.ShouldBe(CoverageLevel.Partial);
    }

    [Fact]
    public async Task The_ceiling_holds_backups_and_not_the_backup_before_a_restore()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        var source = await world.AddSourceAsync();

        await world.SyncAsync(source);
        world.Connections.Uses.ShouldAllBe(use => use == ConnectionUse.Backup);
        world.Connections.Uses.Clear();
        await world.SyncAsync(source, run => run with { Trigger = RunTrigger.Restore, ForJob = JobId.New(world.Clock) });

        world.Connections.Uses.ShouldNotBeEmpty();
        world.Connections.Uses.ShouldAllBe(use => use == ConnectionUse.Urgent);
    }

    private static DateTimeOffset Midnight(SyncWorld world) => new(world.Clock.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    /// <summary>A page is a request; a day has few.</summary>
    private static void HoldEachDay(SyncWorld world)
    {
        var (day, left) = (DateTime.MinValue, 0);
        world.Platform.Fails = (_, _) =>
        {
            var today = world.Clock.GetUtcNow().UtcDateTime.Date;
            if (today > day) (day, left) = (today, PagesADay);
            return left-- > 0 ? null : Failure.DayIsSpent(world.Clock.GetUtcNow(), Midnight(world));
        };
    }
}
