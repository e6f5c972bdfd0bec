using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

public sealed class SchedulerTests
{
    private static readonly SourceId Any = SourceId.New(TimeProvider.System);

    [Fact]
    public async Task A_due_source_runs_once_and_is_due_again_after_its_interval()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var due = world.Clock.GetUtcNow();
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = due });

        await TickAsync(world);
        await world.WorkAsync();
        await TickAsync(world);
        await world.WorkAsync();

        (await world.SnapshotsAsync(source)).Count.ShouldBe(1);
        (await world.SourceAsync(source)).NextRunAt.ShouldBe(due.AddHours(1));
    }

    [Fact]
    public async Task However_many_runs_were_missed_there_is_one()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var due = world.Clock.GetUtcNow();
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = due });
        world.Clock.Advance(TimeSpan.FromHours(30.5));

        await TickAsync(world);
        await world.WorkAsync();
        await TickAsync(world);
        await world.WorkAsync();

        (await world.SnapshotsAsync(source)).Count.ShouldBe(1);
        (await world.SourceAsync(source)).NextRunAt.ShouldBe(due.AddHours(31));
    }

    [Fact]
    public async Task Two_schedulers_at_the_same_time_start_one_run()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TickAsync(world)));

        world.Queues.Sent.ShouldBe(1);
    }

    [Fact]
    public async Task A_source_that_is_still_running_misses_its_turn()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt });
        var live = await world.StartAsync(source);

        await TickAsync(world);

        world.Queues.Sent.ShouldBe(1);
        var after = await world.SourceAsync(source);
        after.CurrentRunId.ShouldBe(live.Id);
        after.NextRunAt.ShouldBe(source.CreatedAt.AddHours(1));
    }

    [Fact]
    public async Task A_turn_that_came_while_a_run_was_live_is_told_once()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt });
        var live = await world.StartAsync(source);

        await TickAsync(world);
        await TickAsync(world);

        var told = world.Queues.Told.ShouldHaveSingleItem();
        (told.Event, told.Details["turns"]).ShouldBe(("schedule.missed", "1"));
        told.Text.ShouldContain(live.Id.ToString());
        (await world.SourceAsync(source)).LastMissed!.DueAt.ShouldBe(source.CreatedAt);
        (await world.Get<ActivityLog>().VerifyAsync(world.Account, SyncWorld.Cancellation)).ShouldBe(new ActivityCheck(1, null));
    }

    [Theory]
    [InlineData(0.2, null)] // A restart.
    [InlineData(0.5, 0L)] // Late, and nothing left out.
    [InlineData(30.5, 30L)]
    public async Task After_a_time_without_a_process_one_run_makes_good_and_one_event_tells(double hours, long? turns)
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt });
        world.Clock.Advance(TimeSpan.FromHours(hours));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TickAsync(world)));
        await world.WorkAsync();
        await TickAsync(world);

        (await world.SnapshotsAsync(source)).Count.ShouldBe(1);
        var noticed = (await world.SourceAsync(source)).LastMissed;
        (noticed is null ? null : (long?)noticed.Turns).ShouldBe(turns);
        world.Queues.Told.Select(n => n.Id).Distinct().Count().ShouldBe(turns is null ? 0 : 1);
    }

    [Theory]
    [InlineData("2026-04-04T12:00:00Z", "2026-04-04T15:00:00Z")] // Lord Howe goes back by half an hour at 02:00: 01:45 comes twice, at 14:45Z and at 15:15Z, the run once.
    [InlineData("2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z")] // And forward: 02:15 does not exist; the run comes right after the gap.
    public void A_zone_that_changes_by_half_an_hour_has_its_gap_and_its_overlap(string now, string expected)
    {
        var isGap = expected.Contains("10-03");
        var schedule = new Schedule { Cron = isGap ? "15 2 * * *" : "45 1 * * *", TimeZone = "Australia/Lord_Howe" };

        var next = schedule.NextRun(Time(now), null, Any)!.Value;
        var after = schedule.NextRun(next, null, Any)!.Value;

        next.ShouldBeInRange(Time(expected).AddMinutes(isGap ? 0 : -15), Time(expected).AddMinutes(5));
        (after - next).TotalHours.ShouldBeGreaterThan(23);
    }

    [Theory]
    [InlineData("Asia/Kolkata", "2026-03-01T21:30:00Z")] // +5:30
    [InlineData("Asia/Kathmandu", "2026-03-01T21:15:00Z")] // +5:45
    [InlineData("America/St_Johns", "2026-03-02T06:30:00Z")] // -3:30
    [InlineData("Pacific/Chatham", "2026-03-01T13:15:00Z")] // +13:45 in summer
    public void Zones_of_half_and_quarter_hours_run_at_their_own_three_o_clock(string zone, string expected)
    {
        var next = new Schedule { Cron = "0 3 * * *", TimeZone = zone }.NextRun(Time("2026-03-01T12:00:00Z"), null, Any)!.Value;

        next.ShouldBeInRange(Time(expected), Time(expected).AddMinutes(5));
    }

    [Fact]
    public void An_hourly_run_comes_every_hour_through_the_gap_and_the_overlap()
    {
        var schedule = new Schedule { Cron = "0 * * * *", TimeZone = "Europe/Berlin" };
        foreach (var start in new[] { "2026-03-28T22:30:00Z", "2026-10-24T22:30:00Z" })
        {
            var at = Time(start);
            for (var i = 0; i < 6; i++)
            {
                var next = schedule.NextRun(at, null, Any)!.Value;
                // The jitter is at most a tenth of the hour.
                next.ShouldBeInRange(Time(start).AddMinutes(30).AddHours(i), Time(start).AddMinutes(36).AddHours(i));
                at = next;
            }
        }
    }

    [Fact]
    public void Missed_turns_are_counted_by_the_schedule_itself()
    {
        var (from, to) = (Time("2026-03-28T01:30:00Z"), Time("2026-03-30T01:30:00Z"));

        new Schedule { EveryMinutes = 60 }.TurnsBetween(from, to, Any).ShouldBe(48);
        new Schedule { Cron = "30 2 * * *", TimeZone = "Europe/Berlin" }.TurnsBetween(from.AddMinutes(6), to, Any).ShouldBe(2);
        new Schedule { Cron = "* * * * *" }.TurnsBetween(from, to.AddYears(1), Any).ShouldBe(Schedule.TurnsMax);
        new Schedule { EveryMinutes = 60 }.TurnsBetween(to, from, Any).ShouldBe(0);
    }

    [Fact]
    public async Task Paused_and_deleted_sources_are_never_due()
    {
        await using var world = new SyncWorld();
        await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt, IsPaused = true });
        await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = s.CreatedAt, DeletedAt = s.CreatedAt });

        await TickAsync(world);

        world.Queues.Sent.ShouldBe(0);
    }

    [Theory]
    [InlineData("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")] // The day the clocks go forward: 02:30 does not exist, the run comes right after the gap.
    [InlineData("2026-03-29T12:00:00Z", "2026-03-30T00:30:00Z")] // Summer: 02:30 is 00:30 UTC.
    [InlineData("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")] // The day they go back: 02:30 comes twice, the run once.
    [InlineData("2026-10-25T00:40:00Z", "2026-10-26T01:30:00Z")]
    public void A_cron_expression_follows_its_time_zone_through_daylight_saving(string now, string expected)
    {
        var schedule = new Schedule { Cron = "30 2 * * *", TimeZone = "Europe/Berlin" };

        var next = schedule.NextRun(Time(now), null, Any)!.Value;

        next.ShouldBeInRange(Time(expected), Time(expected).AddMinutes(5)); // The source's own jitter.
    }

    [Fact]
    public void Jitter_is_the_same_for_a_source_every_time_and_differs_between_sources()
    {
        var schedule = new Schedule { Cron = "0 0 * * *" };
        var now = Time("2026-03-01T12:00:00Z");

        var runs = Enumerable.Range(0, 50).Select(_ => SourceId.New(TimeProvider.System)).Select(id => schedule.NextRun(now, null, id)!.Value).ToList();

        runs.Distinct().Count().ShouldBeGreaterThan(30);
        schedule.NextRun(now, null, Any).ShouldBe(schedule.NextRun(now.AddHours(1), null, Any));
    }

    [Fact]
    public void What_is_no_schedule_is_refused_by_field()
    {
        Errors(new()).ShouldBe(["schedule"]);
        Errors(new() { Cron = "0 3 * * *", EveryMinutes = 60 }).ShouldBe(["schedule"]);
        Errors(new() { EveryMinutes = 1 }).ShouldBe(["schedule.everyMinutes"]);
        Errors(new() { Cron = "every day" }).ShouldBe(["schedule.cron"]);
        Errors(new() { Cron = "0 3 * * *", TimeZone = "Mars/Olympus" }).ShouldBe(["schedule.timeZone"]);
        Errors(new() { Cron = "0 3 * * *", TimeZone = "Europe/Berlin" }).ShouldBeEmpty();
    }

    private static IEnumerable<string> Errors(Schedule schedule)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        schedule.Check(errors);
        return errors.Keys;
    }

    private static Task TickAsync(SyncWorld world) => world.Get<Scheduler>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text);
}
