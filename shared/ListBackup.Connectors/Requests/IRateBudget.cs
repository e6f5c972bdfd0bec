namespace ListBackup.Connectors.Requests;

/// <summary>The budget of requests that all workers of one connection share. Implementations may be called from many threads.</summary>
public interface IRateBudget
{
    /// <summary>Asks to send requests now.</summary>
    /// <returns>Zero when they may go out: they are then taken from the budget. Otherwise nothing was taken, and it is how long to wait before asking again.</returns>
    ValueTask<TimeSpan> TakeAsync(int requests, CancellationToken cancellation);

    /// <summary>Tells what the platform said about its own limit, so that the other workers know.</summary>
    ValueTask ReportAsync(RateReport report, CancellationToken cancellation);
}

/// <summary>What a platform said about its rate limit in one answer.</summary>
/// <param name="Remaining">Requests left in its window, if told.</param>
/// <param name="Reset">How long until the window is new, if told.</param>
/// <param name="Limited">True when the answer was a refusal for rate.</param>
public sealed record RateReport(long? Remaining, TimeSpan? Reset, bool Limited);

/// <summary>No budget beyond the platform's own answers.</summary>
public sealed class UnlimitedRateBudget : IRateBudget
{
    public static readonly UnlimitedRateBudget Instance = new();

    private UnlimitedRateBudget()
    {
    }

    public ValueTask<TimeSpan> TakeAsync(int requests, CancellationToken cancellation) => new(TimeSpan.Zero);

    public ValueTask ReportAsync(RateReport report, CancellationToken cancellation) => ValueTask.CompletedTask;
}
