namespace ListBackup.Connectors;

/// <summary>How many requests a platform allows a connection in a day. At least one of the two is known.</summary>
/// <param name="LimitHeader">The header in which answers tell the quota; it counts more than <paramref name="Requests"/>.</param>
/// <param name="Requests">The quota by the platform's documentation, of the smallest plan where plans differ.</param>
/// <param name="TimeZone">Where it is midnight when a new day begins for the platform.</param>
public sealed record DailyQuota(string? LimitHeader, long? Requests, TimeZoneInfo TimeZone)
{
    /// <summary>A larger quota is none.</summary>
    public const long RequestsMax = 1_000_000_000_000;

    /// <summary>The platform's day at this moment, and when it ends.</summary>
    public (DateOnly Day, DateTimeOffset Ends) DayOf(DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZone).DateTime);
        var midnight = day.AddDays(1).ToDateTime(TimeOnly.MinValue);
        // Where clocks are put forward at midnight, the day begins an hour later.
        if (TimeZone.IsInvalidTime(midnight))
            midnight = midnight.AddHours(1);

        return (day, new DateTimeOffset(midnight, TimeZone.GetUtcOffset(midnight)).ToUniversalTime());
    }
}
