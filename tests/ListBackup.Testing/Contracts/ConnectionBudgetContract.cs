using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Testing.Contracts;

/// <summary>What the shared budget of a connection promises of the platform's day, on whatever store it lies. Each test has a connection of its own.</summary>
public abstract class ConnectionBudgetContract : IAsyncDisposable
{
    private readonly ConnectionId _connection = ConnectionId.New(TimeProvider.System);
    private readonly List<ConnectionBudget> _opened = [];

    protected abstract IItemStore Items { get; }

    private FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private void Pass(TimeSpan time) => Clock.Advance(time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_together_stay_below_their_share_of_the_day_and_go_on_with_the_next()
    {
        var workers = Enumerable.Range(0, 3).Select(_ => Budget(40, new(null, 100, TimeZoneInfo.Utc))).ToList();

        var (granted, held) = await TakeAllAsync(workers, 60);

        granted.ShouldBe(40);
        var (_, ends) = new DailyQuota(null, 100, TimeZoneInfo.Utc).DayOf(Clock.GetUtcNow());
        held.Ceiling.ShouldBe(new DailyCeiling(40, 40, 100, ends));
        held.Wait.ShouldBe(ends - Clock.GetUtcNow());
        Pass(held.Wait - TimeSpan.FromSeconds(2));
        (await workers[0].TakeAsync(1, Cancellation)).Ceiling.ShouldNotBeNull();
        Pass(TimeSpan.FromSeconds(2));
        (await workers[0].TakeAsync(1, Cancellation)).ShouldBe(BudgetWait.None);
    }

    [Fact]
    public async Task The_day_ends_where_the_platform_is()
    {
        var tokyo = new DailyQuota(null, 10, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));
        var worker = Budget(100, tokyo);

        var (_, held) = await TakeAllAsync([worker], 11);

        TimeZoneInfo.ConvertTime(held.Ceiling.ShouldNotBeNull().Until, tokyo.TimeZone).TimeOfDay.ShouldBe(TimeSpan.Zero);
        (Clock.GetUtcNow() + held.Wait).ShouldBe(held.Ceiling.Until);
    }

    [Fact]
    public async Task What_the_platform_says_of_its_quota_counts_more_than_what_is_documented()
    {
        var quota = new DailyQuota("X-Limit", 1000, TimeZoneInfo.Utc);
        var (one, other) = (Budget(50, quota), Budget(50, quota));

        await one.ReportAsync(new(null, null, Limited: false, DailyLimit: 30), Cancellation);
        var (granted, held) = await TakeAllAsync([one, other], 40);

        granted.ShouldBe(15);
        held.Ceiling.ShouldNotBeNull().Quota.ShouldBe(30);
    }

    [Fact]
    public async Task A_slow_platform_does_not_lose_the_rest_of_each_handful()
    {
        var worker = Budget(100, new(null, 50, TimeZoneInfo.Utc));

        var granted = 0;
        for (; granted < 60 && await worker.TakeAsync(1, Cancellation) == BudgetWait.None; granted++) Pass(TimeSpan.FromSeconds(5));

        granted.ShouldBe(50);
    }

    [Fact]
    public async Task What_a_person_waits_for_is_counted_and_not_held()
    {
        var quota = new DailyQuota(null, 20, TimeZoneInfo.Utc);
        var (backup, restore) = (Budget(50, quota), Budget(50, quota, ConnectionUse.Urgent));

        (await TakeAllAsync([restore], 30)).Granted.ShouldBe(30);

        (await backup.TakeAsync(1, Cancellation)).Ceiling.ShouldNotBeNull();
        (await restore.TakeAsync(1, Cancellation)).ShouldBe(BudgetWait.None);
    }

    [Fact]
    public async Task A_quota_that_nobody_has_told_yet_holds_nothing_and_counts_from_the_start()
    {
        var worker = Budget(10, new("X-Limit", null, TimeZoneInfo.Utc));
        (await TakeAllAsync([worker], 25)).Granted.ShouldBe(25);

        await worker.ReportAsync(new(null, null, Limited: false, DailyLimit: 200), Cancellation);
        Pass(TimeSpan.FromSeconds(2));

        (await worker.TakeAsync(1, Cancellation)).Ceiling.ShouldNotBeNull().RequestsMax.ShouldBe(20);
    }

    public virtual ValueTask DisposeAsync()
    {
        _opened.ForEach(budget => budget.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private ConnectionBudget Budget(int percent, DailyQuota quota, ConnectionUse use = ConnectionUse.Backup)
    {
        var budget = new ConnectionBudget(Items, _connection, new() { DailyPercentMax = percent, DailyQuota = quota, Use = use }, Clock);
        _opened.Add(budget);
        return budget;
    }

    private static async Task<(int Granted, BudgetWait Held)> TakeAllAsync(IReadOnlyList<ConnectionBudget> workers, int wanted)
    {
        var (granted, held) = (0, BudgetWait.None);
        for (var i = 0; i < wanted; i++)
        {
            var answer = await workers[i % workers.Count].TakeAsync(1, Cancellation);
            if (answer == BudgetWait.None) granted++;
            else held = answer;
        }
        return (granted, held);
    }
}
