using ListBackup.Connectors;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connections;

/// <summary>What holds the requests of a connection, by the customer's wish.</summary>
/// <param name="PerMinuteMax">Requests a minute; null: no ceiling.</param>
public sealed record BudgetLimits(int? PerMinuteMax = null)
{
    /// <summary>Share of the platform's daily quota, in percent; null: no ceiling, and nothing is counted.</summary>
    public int? DailyPercentMax { get; init; }

    /// <summary>What the manifest says of the quota.</summary>
    public DailyQuota? DailyQuota { get; init; }

    public ConnectionUse Use { get; init; }
}

/// <summary>Requests of one day of the platform.</summary>
internal readonly record struct DayCount(DateOnly Day, long Requests)
{
    public long On(DateOnly day) => Day == day ? Requests : 0;
}

/// <summary>The customer's share of a day, and how much of it is spent.</summary>
/// <param name="Quota">Requests of a day that the platform allows; null: it has not said yet.</param>
internal sealed record DailyShare(DateOnly Day, DateTimeOffset Ends, long Spent, long? Quota, int Percent, bool Holds)
{
    /// <summary>Requests that may still go out today; null: as many as the platform takes.</summary>
    public long? Left => Holds && Quota is { } quota ? Math.Max(0, Max(quota) - Spent) : null;

    public DailyCeiling? Ceiling => Quota is { } quota ? new(Percent, Max(quota), quota, Ends) : null;

    /// <param name="notSent">What the asking worker had counted as spent and did not send.</param>
    public static DailyShare? Of(BudgetLimits limits, BudgetItem budget, DayCount notSent, DateTimeOffset now)
    {
        if (limits is not { DailyPercentMax: { } percent, DailyQuota: { } quota }) return null;
        var (day, ends) = quota.DayOf(now);
        var spent = Math.Max(0, (budget.Spent?.On(day) ?? 0) - notSent.On(day));
        return new(day, ends, spent, budget.DailyLimit ?? quota.Requests, percent, limits.Use == ConnectionUse.Backup);
    }

    /// <summary>A quota so small that the share is less than one request still lets one go.</summary>
    private long Max(long quota) => Math.Max(1, quota * Percent / 100);
}
