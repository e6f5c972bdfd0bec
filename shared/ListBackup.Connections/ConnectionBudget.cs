using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// One rate budget for all workers of a connection, in the item store: what the platform last said of its own limit, and the customer's ceiling as a
/// token bucket and as a share of the day. A worker takes a handful of requests at a time, so that the store is not asked before each; what it does not use is
/// lost, never overspent, but of the day: that is handed back with the next handful, since a slow platform would lose most of its day by it.
/// </summary>
public sealed class ConnectionBudget(IItemStore items, ConnectionId connection, BudgetLimits limits, TimeProvider clock) : IRateBudget, IDisposable
{
    // Requests that one worker takes at once: few enough that a forgotten rest does not matter, enough to save most round trips.
    private const int Handful = 10;
    // As long as a worker goes on without looking whether another one was refused.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    // A platform that refuses for rate without saying for how long.
    private static readonly TimeSpan RefusedWait = TimeSpan.FromSeconds(10);
    // A reported reset beyond a day is a misread clock, not a window.
    private static readonly TimeSpan ResetMax = TimeSpan.FromDays(1);
    // The customer's ceiling may be used up in bursts of this many seconds' worth.
    private const int BurstSeconds = 10;

    private readonly ItemKey _key = ConnectionKeys.Budget(connection);
    private readonly SemaphoreSlim _one = new(1, 1);
    private int _inHand;
    private DateTimeOffset _inHandUntil;
    private DateTimeOffset _blockedUntil;
    private DateTimeOffset _reportedAt;
    private long? _dailyLimit;
    // Requests of a day that were counted in the store and have not gone out.
    private DayCount _notSent;

    public async ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var now = clock.GetUtcNow();
            if (_blockedUntil > now) return new(_blockedUntil - now);
            if (_inHand >= requests && now < _inHandUntil)
            {
                _inHand -= requests;
                _notSent = _notSent with { Requests = Math.Max(0, _notSent.Requests - requests) };
                return BudgetWait.None;
            }
            return await TakeFromStoreAsync(requests, now, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask ReportAsync(RateReport report, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var reset = report.Reset is { } told && told > TimeSpan.Zero && told <= ResetMax ? told : (TimeSpan?)null;
        await KeepDailyLimitAsync(report.DailyLimit, cancellation);
        if (!report.Limited && (report.Remaining is null || reset is null)) return;

        await _one.WaitAsync(cancellation);
        try
        {
            // Plenty left is no news more than once a second.
            if (!report.Limited && report.Remaining > 2 * Handful && now - _reportedAt < LookEvery) return;
            _reportedAt = now;
            if (report.Limited)
            {
                _blockedUntil = now + (reset ?? RefusedWait);
                _inHand = 0;
            }
            await ChangeAsync(budget => report.Limited
                ? budget with { BlockedUntil = Later(budget.BlockedUntil, now + (reset ?? RefusedWait)) }
                : budget.WindowEnd > now && budget.Remaining <= report.Remaining
                    ? budget
                    : budget with { Remaining = report.Remaining, WindowEnd = now + reset }, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task KeepDailyLimitAsync(long? told, CancellationToken cancellation)
    {
        if (limits.DailyPercentMax is null || told is null) return;
        await _one.WaitAsync(cancellation);
        try
        {
            if (told == _dailyLimit) return;
            await ChangeAsync(budget => budget with { DailyLimit = told }, cancellation);
            _dailyLimit = told;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<BudgetWait> TakeFromStoreAsync(int requests, DateTimeOffset now, CancellationToken cancellation)
    {
        var (wait, taken, limited, share) = (BudgetWait.None, 0, false, (DailyShare?)null);
        await ChangeAsync(budget =>
        {
            (wait, taken, limited, share) = (BudgetWait.None, 0, false, DailyShare.Of(limits, budget, _notSent, now));
            if (budget.BlockedUntil > now)
            {
                wait = new(budget.BlockedUntil.Value - now);
                return budget;
            }
            if (share?.Left < requests)
            {
                wait = new(share.Ends - now, share.Ceiling);
                return budget;
            }
            var (bucket, windowLeft) = (Refilled(budget, requests, now), budget.WindowEnd > now ? budget.Remaining : null);
            limited = bucket is not null || windowLeft is not null || share is not null;
            var available = Math.Min(bucket ?? double.MaxValue, windowLeft ?? double.MaxValue);
            if (available < requests)
            {
                wait = new(windowLeft < requests ? budget.WindowEnd!.Value - now : TimeSpan.FromSeconds((requests - bucket!.Value) * 60 / limits.PerMinuteMax!.Value)); // One of the two is short.
                return budget;
            }
            taken = (int)Math.Min(Math.Max(requests, Handful), Math.Floor(Math.Min(available, share?.Left ?? double.MaxValue)));
            // Nothing limits: looking again in a second is enough, and nothing needs to be written.
            if (!limited) return budget;
            return budget with
            {
                Remaining = windowLeft - taken,
                Bucket = bucket - taken,
                FilledAt = bucket is null ? null : now,
                Spent = share is null ? budget.Spent : new(share.Day, share.Spent + taken),
            };
        }, cancellation);

        if (wait.Wait > TimeSpan.Zero)
        {
            _inHand = 0;
            return wait;
        }
        if (share is not null) _notSent = new(share.Day, taken - requests);
        _inHand = limited ? taken - requests : int.MaxValue;
        _inHandUntil = now + LookEvery;
        return BudgetWait.None;
    }

    /// <summary>How full the customer's bucket is now; null when there is no ceiling.</summary>
    private double? Refilled(BudgetItem budget, int requests, DateTimeOffset now)
    {
        if (limits.PerMinuteMax is not { } perMinute) return null;
        var full = Math.Max(requests, perMinute * BurstSeconds / 60.0);
        return budget is { Bucket: { } bucket, FilledAt: { } filledAt }
            ? Math.Min(full, bucket + Math.Max(0, (now - filledAt).TotalMinutes) * perMinute)
            : full;
    }

    private async Task ChangeAsync(Func<BudgetItem, BudgetItem> change, CancellationToken cancellation)
    {
        for (; ; )
        {
            var stored = await items.FindAsync(_key, WorkerJson.Default.BudgetItem, cancellation);
            var before = stored?.Value ?? new BudgetItem();
            var after = change(before);
            if (after == before) return;
            try
            {
                await items.PutAsync(
                    ItemJson.Item(_key, after, WorkerJson.Default.BudgetItem), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            catch (ConditionFailedException)
            {
                // Another worker took or reported; each round one of them succeeds, so this ends.
            }
        }
    }

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;
}

/// <summary>What is known of a connection's limits. <see cref="Remaining"/> counts down until <see cref="WindowEnd"/>; the bucket is the customer's ceiling.</summary>
internal sealed record BudgetItem
{
    public DateTimeOffset? BlockedUntil { get; init; }

    public long? Remaining { get; init; }

    public DateTimeOffset? WindowEnd { get; init; }

    public double? Bucket { get; init; }

    public DateTimeOffset? FilledAt { get; init; }

    /// <summary>What the platform last said of its quota of a day.</summary>
    public long? DailyLimit { get; init; }

    /// <summary>Our own requests of the platform's day.</summary>
    public DayCount? Spent { get; init; }
}
