using System.Threading.Channels;
using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests.Queues;

public sealed class ScheduleTimerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_is_ticked_at_the_start_and_then_by_its_period()
    {
        var ticker = new Ticker();
        using var timer = await StartAsync(("ticker", ticker));
        (await ticker.NextAsync()).Deadline.ShouldBe(_time.GetUtcNow().AddMinutes(14));

        for (var minute = 0; minute < 3; minute++)
        {
            await ticker.EndAsync();
            // Whether the timer is waited for already or not: it keeps a tick that falls due.
            _time.Advance(TimeSpan.FromMinutes(1));
            await ticker.NextAsync();
        }
        await ticker.EndAsync();
        await timer.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Ticks_of_one_handler_never_overlap_and_missed_ones_are_not_made_up_for()
    {
        var ticker = new Ticker();
        using var timer = await StartAsync(("ticker", ticker));
        await ticker.NextAsync();

        // Five periods pass while the first tick still runs: one tick is owed, not five.
        for (var minute = 0; minute < 5; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        ticker.Running.ShouldBe(1);
        await ticker.EndAsync();
        await ticker.NextAsync();
        await ticker.EndAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        ticker.Waiting.ShouldBe(0);

        ticker.MostAtOnce.ShouldBe(1);
        await timer.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_failed_tick_stops_neither_its_own_schedule_nor_anothers()
    {
        var (bad, good) = (new Ticker { Fails = true }, new Ticker());
        using var timer = await StartAsync(("bad", bad), ("good", good));
        await bad.NextAsync();
        await good.NextAsync();
        await bad.EndAsync();
        await good.EndAsync();

        _time.Advance(TimeSpan.FromMinutes(1));

        await bad.NextAsync();
        await good.NextAsync();
        await bad.EndAsync();
        await good.EndAsync();
        await timer.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Stopping_cancels_the_tick_that_runs()
    {
        var ticker = new Ticker();
        using var timer = await StartAsync(("ticker", ticker));
        var tick = await ticker.NextAsync();

        await timer.StopAsync(Cancellation);

        tick.Cancellation.IsCancellationRequested.ShouldBeTrue();
        ticker.Running.ShouldBe(0);
    }

    private async Task<ScheduleTimer> StartAsync(params (string Name, Ticker Ticker)[] tickers)
    {
        var services = new ServiceCollection().BuildServiceProvider();
        var handlers = tickers.Select(each => new ScheduledHandler(each.Name, TimeSpan.FromMinutes(1), _ => each.Ticker)).ToList();
        var timer = new ScheduleTimer(handlers, services.GetRequiredService<IServiceScopeFactory>(), _time, NullLogger<ScheduleTimer>.Instance);
        await timer.StartAsync(Cancellation);
        return timer;
    }

    private sealed record Tick(DateTimeOffset Deadline, CancellationToken Cancellation);

    private sealed class Ticker : IScheduledHandler
    {
        private readonly Channel<Tick> _ticks = Channel.CreateUnbounded<Tick>();
        private readonly Channel<bool> _ends = Channel.CreateUnbounded<bool>();
        private int _running;

        public bool Fails { get; init; }

        public int Running => _running;

        public int MostAtOnce { get; private set; }

        public int Waiting => _ticks.Reader.Count;

        public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
            try
            {
                await _ticks.Writer.WriteAsync(new Tick(deadline, cancellation), cancellation);
                await _ends.Reader.ReadAsync(cancellation);
                if (Fails) throw new InvalidOperationException("The test wants this tick to fail.");
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }

        public async Task<Tick> NextAsync() => await _ticks.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        public async Task EndAsync() => await _ends.Writer.WriteAsync(true, Cancellation);
    }
}
