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
