namespace ListBackup.Connectors.Requests;

/// <summary>The budget of requests that all workers of one connection share. Implementations may be called from many threads.</summary>
public interface IRateBudget
{
    /// <summary>Asks to send requests now.</summary>
    /// <returns>A wait of zero when they may go out: they are then taken from the budget. Otherwise nothing was taken, and it is how long to wait before asking again.</returns>
    ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation);

    /// <summary>Tells what the platform said about its own limit, so that the other workers know.</summary>
    ValueTask ReportAsync(RateReport report, CancellationToken cancellation);
}

/// <summary>What a platform said about its rate limit in one answer.</summary>
/// <param name="Remaining">Requests left in its window, if told.</param>
/// <param name="Reset">How long until the window is new, if told.</param>
/// <param name="Limited">True when the answer was a refusal for rate.</param>
/// <param name="DailyLimit">Requests that the platform allows in a day, if told in the header that the manifest names for it.</param>
public sealed record RateReport(long? Remaining, TimeSpan? Reset, bool Limited, long? DailyLimit = null);

/// <summary>What a budget says to a request.</summary>
/// <param name="Wait">How long to wait before asking again; zero: it may go out.</param>
/// <param name="Ceiling">The customer's share of the day that is used up; null: the wait is for something else, or there is none.</param>
public readonly record struct BudgetWait(TimeSpan Wait, DailyCeiling? Ceiling = null)
{
    public static readonly BudgetWait None;
}

/// <summary>The share of the platform's daily quota that the customer leaves to us.</summary>
/// <param name="Percent">1 to 100.</param>
/// <param name="RequestsMax">Requests a day that it comes to.</param>
/// <param name="Quota">Requests a day that the platform allows.</param>
/// <param name="Until">When the platform's day ends.</param>
public sealed record DailyCeiling(int Percent, long RequestsMax, long Quota, DateTimeOffset Until);

/// <summary>No budget beyond the platform's own answers.</summary>
public sealed class UnlimitedRateBudget : IRateBudget
{
    public static readonly UnlimitedRateBudget Instance = new();

    private UnlimitedRateBudget()
    {
    }

    public ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation) => new(BudgetWait.None);

    public ValueTask ReportAsync(RateReport report, CancellationToken cancellation) => ValueTask.CompletedTask;
}
