using System.Globalization;
using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>A time of every day in which what comes for a channel waits until it is over.</summary>
/// <param name="From">When it begins, as <c>22:00</c>.</param>
/// <param name="To">When it ends; earlier than <paramref name="From"/>: on the next day.</param>
public sealed record QuietHours(string From, string To)
{
    private const string Time = "HH:mm";
    private const int ExceptMax = 50;

    /// <summary>Name of a time zone in the IANA database. Absent: UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Events that do not wait, written as a channel's events are.</summary>
    public IReadOnlyList<string>? Except { get; init; }

    [JsonIgnore]
    private TimeZoneInfo Zone => TimeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <summary>Refuses (422) what could not be kept to.</summary>
    public static QuietHours? Require(QuietHours? hours)
    {
        if (hours is null) return null;
        if (!TryTime(hours.From, out var from) || !TryTime(hours.To, out var to)) throw Problem.Invalid("quietHours", "Write times like 22:00, on a clock of 24 hours.");
        if (from == to) throw Problem.Invalid("quietHours", "From and to are the same: nothing would ever be sent. Switch the channel off for that.");
        if (hours.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)) throw Problem.Invalid("quietHours.timeZone", "There is no such time zone; use a name like Europe/Berlin.");
        if (hours.Except is { Count: > ExceptMax }) throw Problem.Invalid("quietHours.except", $"Name at most {ExceptMax} events.");
        return hours.Except is null or [] ? hours with { Except = null } : hours with { Except = ChannelRules.RequireEvents(hours.Except) };
    }

    /// <summary>When something that comes now may be sent; null: now.</summary>
    public DateTimeOffset? WaitsUntil(string @event, DateTimeOffset now)
    {
        if (Except?.Any(e => Channel.Matches(e, @event)) is true || !TryTime(From, out var from) || !TryTime(To, out var to)) return null;
        var zone = Zone;
        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var time = TimeOnly.FromDateTime(local);
        var isQuiet = from < to ? time >= from && time < to : time >= from || time < to;
        if (!isQuiet) return null;
        var end = DateOnly.FromDateTime(local).ToDateTime(to);
        if (time >= to) end = end.AddDays(1);
        // Clocks that go forward skip an hour: the end is when the next one begins. An hour that comes twice ends the quiet with its second coming.
        while (zone.IsInvalidTime(end)) end = end.AddMinutes(1);
        var ends = new DateTimeOffset(end, zone.GetUtcOffset(end));
        return ends > now ? ends : null;
    }

    private static bool TryTime(string? text, out TimeOnly time) => TimeOnly.TryParseExact(text, Time, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
