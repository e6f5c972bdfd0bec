using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cronos;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>When a source runs: a cron expression in a time zone, or every so many minutes. Exactly one of the two.</summary>
public sealed record Schedule
{
    public const int EveryMinutesMin = 5;
    public const int EveryMinutesMax = 366 * 24 * 60;

    /// <summary>Five fields, standard cron.</summary>
    public string? Cron { get; init; }

    /// <summary>IANA name; UTC when null. In a gap of daylight saving time the run comes right after it, in an overlap it comes once.</summary>
    public string? TimeZone { get; init; }

    public int? EveryMinutes { get; init; }

    /// <summary>Refuses what is not a schedule, by field.</summary>
    public void Check(IDictionary<string, string[]> errors)
    {
        if (Cron is null == EveryMinutes is null)
            errors["schedule"] = ["Give either cron or everyMinutes."];
        else if (EveryMinutes is < EveryMinutesMin or > EveryMinutesMax)
            errors["schedule.everyMinutes"] = [$"Must be {EveryMinutesMin} to {EveryMinutesMax} minutes."];
        else if (Cron is { } cron && !CronExpression.TryParse(cron, CronFormat.Standard, out _))
            errors["schedule.cron"] = ["Is not a cron expression of five fields, such as '0 3 * * *'."];
        if (TimeZone is { } zone && (Cron is null || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)))
            errors["schedule.timeZone"] = ["Must be an IANA time zone such as 'Europe/Berlin', beside a cron expression."];
    }

    /// <summary>
    /// The first run strictly after <paramref name="now"/>. However many runs were missed, there is one next. Null when the expression never comes again.
    /// </summary>
    /// <param name="now">The moment of asking.</param>
    /// <param name="lastDue">When the run before was due; an interval goes on from there and does not drift.</param>
    /// <param name="source">Whose: a cron expression is set back by the source's own jitter, so that not everybody's midnight is the same second.</param>
    public DateTimeOffset? NextRun(DateTimeOffset now, DateTimeOffset? lastDue, SourceId source)
    {
        if (EveryMinutes is { } minutes) return NextInterval(now, lastDue, TimeSpan.FromMinutes(minutes));
        var expression = CronExpression.Parse(Cron!, CronFormat.Standard); // Check has seen it: a schedule without minutes has a cron expression.
        var zone = TimeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        if (expression.GetNextOccurrence(now, zone) is not { } next) return null;
        var gap = expression.GetNextOccurrence(next, zone) - next ?? TimeSpan.MaxValue;
        return next.ToUniversalTime() + Jitter(source, gap);
    }

    /// <summary>How many turns came after <paramref name="due"/> and not later than <paramref name="now"/>: those that one run makes good. At most <see cref="TurnsMax"/>.</summary>
    public long TurnsBetween(DateTimeOffset due, DateTimeOffset now, SourceId source)
    {
        if (EveryMinutes is { } minutes) return Math.Clamp((long)Math.Floor((now - due) / TimeSpan.FromMinutes(minutes)), 0, TurnsMax);
        var turns = 0L;
        for (var next = NextRun(due, null, source); next <= now && turns < TurnsMax; next = NextRun(next.Value, null, source)) turns++;
        return turns;
    }

    /// <summary>More missed turns are not counted.</summary>
    public const int TurnsMax = 10_000;

    private static DateTimeOffset NextInterval(DateTimeOffset now, DateTimeOffset? lastDue, TimeSpan interval)
    {
        if (lastDue is not { } due) return now + interval;
        var missed = Math.Max(0, Math.Floor((now - due) / interval));
        return due + (missed + 1) * interval;
    }

    /// <summary>The same for a source every time, spread evenly over sources, at most five minutes and a tenth of the gap to the run after.</summary>
    private static TimeSpan Jitter(SourceId source, TimeSpan gap)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(source.ToString()));
        var share = BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)uint.MaxValue;
        return TimeSpan.FromSeconds(Math.Floor(Math.Min(gap.TotalSeconds / 10, JitterMax.TotalSeconds) * share));
    }

    private static readonly TimeSpan JitterMax = TimeSpan.FromMinutes(5);
}
