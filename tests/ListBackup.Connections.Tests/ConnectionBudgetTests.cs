using ListBackup.Connectors.Requests;

namespace ListBackup.Connections.Tests;

public sealed class ConnectionBudgetTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly Rig _rig = new();

    [Fact]
    public async Task Without_limits_nothing_waits_and_nothing_is_written()
    {
        using var budget = _rig.Budget();

        for (var i = 0; i < 1000; i++) (await budget.TakeAsync(1, Cancellation)).Wait.ShouldBe(TimeSpan.Zero);

        (await _rig.Items.GetAsync(ConnectionKeys.Budget(_rig.Connection), Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task A_refusal_that_one_worker_met_stops_the_others_within_a_second()
    {
        using var one = _rig.Budget();
        using var other = _rig.Budget();
        await other.TakeAsync(1, Cancellation);

        await one.ReportAsync(new(Remaining: null, TimeSpan.FromSeconds(30), Limited: true), Cancellation);

        (await one.TakeAsync(1, Cancellation)).Wait.ShouldBe(TimeSpan.FromSeconds(30));
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        (await other.TakeAsync(1, Cancellation)).Wait.ShouldBe(TimeSpan.FromSeconds(29));
        _rig.Clock.Advance(TimeSpan.FromSeconds(29));
        (await other.TakeAsync(1, Cancellation)).Wait.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_the_platform_says_remains_is_shared_by_all_workers_until_its_window_ends()
    {
        await Report(25, TimeSpan.FromSeconds(60));
        var budgets = Enumerable.Range(0, 4).Select(_ => _rig.Budget()).ToList();

        var (granted, longest) = (0, TimeSpan.Zero);
        for (var i = 0; i < 100; i++)
        {
            var (wait, _) = await budgets[i % 4].TakeAsync(1, Cancellation);
            if (wait == TimeSpan.Zero) granted++;
            else longest = wait;
        }

        granted.ShouldBe(25);
        longest.ShouldBe(TimeSpan.FromSeconds(60));
        _rig.Clock.Advance(TimeSpan.FromSeconds(61));
        (await budgets[0].TakeAsync(1, Cancellation)).Wait.ShouldBe(TimeSpan.Zero);
        budgets.ForEach(b => b.Dispose());

        async Task Report(long remaining, TimeSpan reset)
        {
            using var reporter = _rig.Budget();
            await reporter.ReportAsync(new(remaining, reset, Limited: false), Cancellation);
        }
    }

    [Fact]
    public async Task The_customers_ceiling_holds_for_all_workers_together()
    {
        var budgets = Enumerable.Range(0, 3).Select(_ => _rig.Budget(perMinuteMax: 60)).ToList();
        var granted = 0;

        for (var second = 0; second < 120; second++)
        {
            foreach (var budget in budgets)
            {
                for (var i = 0; i < 5; i++)
                {
                    if (await budget.TakeAsync(1, Cancellation) == BudgetWait.None) granted++;
                }
            }
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        // Two minutes at 60, and the burst that a full bucket allows at the start.
        granted.ShouldBeInRange(90, 130);
        budgets.ForEach(b => b.Dispose());
    }
}
