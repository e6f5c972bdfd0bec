using System.Globalization;

namespace ListBackup.Accounts.Tests;

public class QuietHoursTests
{
    private static readonly QuietHours Night = new("22:00", "07:00") { TimeZone = "Europe/Berlin", Except = ["snapshot.*"] };

    [Theory]
    [InlineData("2026-01-10T20:59:59Z", null)]
    [InlineData("2026-01-10T21:00:00Z", "2026-01-11T06:00:00Z")]
    [InlineData("2026-01-10T23:30:00Z", "2026-01-11T06:00:00Z")]
    [InlineData("2026-01-11T05:59:59Z", "2026-01-11T06:00:00Z")]
    [InlineData("2026-01-11T06:00:00Z", null)]
    [InlineData("2026-07-10T20:00:00Z", "2026-07-11T05:00:00Z")] // Summer time.
    public void Over_midnight_in_the_time_zone(string now, string? until) => Until(Night, now).ShouldBe(until);

    [Theory]
    [InlineData("2026-01-10T12:00:00Z", "2026-01-10T13:00:00Z")]
    [InlineData("2026-01-10T13:00:00Z", null)]
    [InlineData("2026-01-10T11:59:00Z", null)]
    public void Within_a_day(string now, string? until) => Until(new("12:00", "13:00"), now).ShouldBe(until);

    [Theory]
    [InlineData("2026-03-29T00:10:00Z", "2026-03-29T01:00:00Z")] // 02:30 is skipped: at 02:00 it becomes 03:00.
    [InlineData("2026-10-25T00:10:00Z", "2026-10-25T01:30:00Z")] // 02:30 comes twice.
    [InlineData("2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z")]
    public void Where_clocks_change(string now, string until) => Until(new("22:00", "02:30") { TimeZone = "Europe/Berlin" }, now).ShouldBe(until);

    [Fact]
    public void Some_events_do_not_wait()
    {
        var night = At("2026-01-10T23:30:00Z");
        Night.WaitsUntil("snapshot.quarantined", night).ShouldBeNull();
        Night.WaitsUntil("run.failed", night).ShouldNotBeNull();
    }

    private static string? Until(QuietHours hours, string now) =>
        hours.WaitsUntil("run.failed", At(now))?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
