using System.Globalization;
using ListBackup.Connectors.Expressions;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Cursors;

public sealed class DatetimeCursorTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 11, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T13:04:05Z")]
    [InlineData("%Y-%m-%dT%H:%M:%S%z", "2024-02-29T13:04:05+0000")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%fZ", "2024-02-29T13:04:05.678901Z")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%_msZ", "2024-02-29T13:04:05.678Z")]
    [InlineData("%Y-%m-%d %H:%M:%S.%f+00:00", "2024-02-29 13:04:05.678901+00:00")]
    [InlineData("%s", "1709211845")]
    [InlineData("%ms", "1709211845678")]
    [InlineData("%epoch_microseconds", "1709211845678901")]
    [InlineData("%s_as_float", "1709211845.678901")]
    [InlineData("%d/%b/%Y %I:%M:%S %p", "29/Feb/2024 01:04:05 PM")]
    [InlineData("%A, %d %B %y %X %Z", "Thursday, 29 February 24 13:04:05 UTC")]
    [InlineData("%x %X", "02/29/24 13:04:05")]
    [InlineData("%c", "Thu Feb 29 13:04:05 2024")]
    [InlineData("%Y day %j %H%M%S", "2024 day 060 130405")]
    [InlineData("%Y week %U day %w %T", "2024 week 08 day 4 13:04:05")]
    [InlineData("%Y week %W %a %T", "2024 week 09 Thu 13:04:05")]
    [InlineData("100%% %F %R", "100% 2024-02-29 13:04")]
    public void A_time_is_written_and_read_in_every_format(string format, string text)
    {
        var at = new DateTimeOffset(2024, 2, 29, 13, 4, 5, TimeSpan.Zero).AddMicroseconds(678_901);

        Times.Format(new Moment(at, true), format).ShouldBe(text);
        var read = Times.Parse(text, format).ShouldNotBeNull();

        Times.Format(new Moment(read, true), format).ShouldBe(text);
        (at - read).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromMinutes(1), "what a format leaves out is cut off");
    }

    [Theory]
    [InlineData("2024-01-10T12:00:00Z", "2024-01-10T12:00:00Z")]
    [InlineData("2024-01-11T02:00:00Z", "2024-01-10T22:00:00Z")]
    [InlineData("2031-01-01T00:00:00Z", "2024-01-01T00:00:00Z")]
    public async Task A_cursor_from_the_future_skips_nothing(string state, string since)
    {
        var (requests, _) = await ReadAsync("", state);

        requests.ShouldBe([$"/items?since={since}&until=2024-01-11T00:00:00Z"]);
    }

    [Fact]
    public async Task A_cursor_from_the_future_gives_way_to_the_truth()
    {
        var (_, read) = await ReadAsync("", "2031-01-01T00:00:00Z", "2024-01-09T00:00:00Z");

        read.State.ShouldBe("""{"at":"2024-01-09T00:00:00Z"}""");
        read.Coverage!.Warnings.Single().Note.ShouldBe(CoverageNote.CursorFromFuture);
    }

    [Fact]
    public async Task No_cursor_passes_the_platforms_own_clock_at_the_beginning()
    {
        // The platform is five minutes behind us: what it writes next has an earlier time than our beginning.
        var (_, read) = await ReadAsync("", null, "2024-01-10T23:58:00Z", date: _clock.GetUtcNow().AddMinutes(-5));

        read.State.ShouldBe("""{"at":"2024-01-10T23:55:00Z"}""");
    }

    [Theory]
    [InlineData("", "2024-01-09T10:00:00Z 2024-01-11T00:00:00Z")]
    [InlineData("  lookback_window: P1D", "2024-01-08T10:00:00Z 2024-01-11T00:00:00Z")]
    [InlineData("  end_datetime: '2024-01-10T00:00:00Z'", "2024-01-09T10:00:00Z 2024-01-10T00:00:00Z")]
    [InlineData("  step: P1D\n  cursor_granularity: PT1S", "2024-01-09T10:00:00Z 2024-01-10T09:59:59Z, 2024-01-10T10:00:00Z 2024-01-11T00:00:00Z")]
    [InlineData("  step: P1D", "2024-01-09T10:00:00Z 2024-01-10T10:00:00Z, 2024-01-10T10:00:00Z 2024-01-11T00:00:00Z")]
    [InlineData("  step: PT38H\n  cursor_granularity: PT1S", "2024-01-09T10:00:00Z 2024-01-10T23:59:59Z, 2024-01-11T00:00:00Z 2024-01-11T00:00:00Z")]
    [InlineData("  step: PT38H\n  cursor_granularity: PT1S\n  is_compare_strictly: true", "2024-01-09T10:00:00Z 2024-01-10T23:59:59Z")]
    [InlineData("  step: PT1S\n  cursor_granularity: PT1S\n  is_compare_strictly: true\n  end_datetime: '2024-01-09T10:00:02Z'", "2024-01-09T10:00:00Z 2024-01-09T10:00:01Z, 2024-01-09T10:00:01Z 2024-01-09T10:00:02Z")]
    public async Task Intervals_meet_without_a_gap_and_without_needless_overlap(string cursor, string intervals)
    {
        var (requests, _) = await ReadAsync(cursor, "2024-01-09T10:00:00Z");

        requests.Select(request => request.Replace("/items?since=", "", StringComparison.Ordinal).Replace("&until=", " ", StringComparison.Ordinal)).ShouldBe(intervals.Split(", "));
    }

    [Fact]
    public async Task Intervals_overlap_by_a_granule_once_values_are_finer_than_it()
    {
        var (requests, read) = await ReadAsync("  step: P3D\n  cursor_granularity: PT1S\n  cursor_datetime_formats: ['%Y-%m-%dT%H:%M:%S.%fZ']", null, "2024-01-02T00:00:00.250000Z");

        requests.Select(request => request[13..33]).ShouldBe(["2024-01-01T00:00:00Z", "2024-01-03T23:59:59Z", "2024-01-06T23:59:59Z", "2024-01-09T23:59:59Z"]);
        read.Coverage!.Doubt.ShouldBeNull();
    }

    [Fact]
    public async Task Values_that_are_found_too_fine_after_several_intervals_are_a_doubt()
    {
        var (_, read) = await ReadAsync("  step: P3D\n  cursor_granularity: PT1S", null, since => since == "2024-01-07T00:00:00Z" ? "2024-01-08T00:00:00.250Z" : null);

        read.Coverage!.Warnings.Single().Note.ShouldBe(CoverageNote.CursorTooFine);
    }

    [Fact]
    public async Task A_platform_whose_end_is_the_whole_day_needs_no_overlap()
    {
        var cursor = Cursor("  step: P3D\n  cursor_granularity: P1D").Replace("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", StringComparison.Ordinal);

        var (requests, _) = await ReadAsync(cursor, null, since => since == "2024-01-01" ? "2024-01-03T15:00:00Z" : null, isWhole: true);

        requests.ShouldBe([
            "/items?since=2024-01-01&until=2024-01-03", "/items?since=2024-01-04&until=2024-01-06", "/items?since=2024-01-07&until=2024-01-09", "/items?since=2024-01-10&until=2024-01-11"]);
    }

    [Fact]
    public async Task A_gap_in_one_interval_holds_the_cursor_before_it_whatever_later_ones_bring()
    {
        var manifest = Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
            """, Cursor("  step: P3D\n  cursor_granularity: PT1S"));
        var platform = new MemoryPlatform((_, query) => (200, query("since").StartsWith("2024-01-04", StringComparison.Ordinal)
            ? """{"items":[{"id":1,"at":"2024-01-05T00:00:00Z"}],"next":"same"}"""
            : $$"""{"items":[{"id":1,"at":"{{query("since")}}"}]}"""));
        using var http = platform.Http();

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = MemoryPlatform.Config }, Ports.For(http) with { Clock = _clock }, default));

        read.Coverage!.Cut.ShouldBe(CutReason.RepeatedPageToken);
        read.State.ShouldBe("""{"at":"2024-01-01T00:00:00Z"}""");
    }

    [Fact]
    public async Task An_old_record_on_top_of_a_feed_is_not_its_end()
    {
        var manifest = Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
            """, Cursor("  is_data_feed: true"));
        var platform = new MemoryPlatform((_, query) => (200, query("page") is ""
            ? """{"items":[{"id":1,"at":"2020-01-01T00:00:00Z"},{"id":2,"at":"2024-01-09T00:00:00Z"}],"next":"2"}"""
            : """{"items":[{"id":3,"at":"2024-01-08T00:00:00Z"},{"id":4,"at":"2023-01-01T00:00:00Z"}],"next":"3"}"""));
        using var http = platform.Http();

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = MemoryPlatform.Config }, Ports.For(http) with { Clock = _clock }, default));

        read.Records.Count.ShouldBe(2);
        platform.Requests.Count.ShouldBe(2);
    }

    private static string Cursor(string more) => $$"""
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_datetime: { type: MinMaxDatetime, datetime: "2024-01-01", datetime_format: "%Y-%m-%d" }
          start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
          end_time_option: { type: RequestOption, inject_into: request_parameter, field_name: until }
        {{more}}
        """;

    private Task<(List<string> Requests, ReadResult Read)> ReadAsync(string cursor, string? state, string? at = null, DateTimeOffset? date = null) => ReadAsync(cursor, state, _ => at, date: date);

    private async Task<(List<string> Requests, ReadResult Read)> ReadAsync(string cursor, string? state, Func<string, string?> at, bool isWhole = false, DateTimeOffset? date = null)
    {
        var platform = new MemoryPlatform((_, query) => (200, at(query("since")) is { } time ? $$"""{"items":[{"id":1,"at":"{{time}}"}]}""" : """{"items":[]}""")) { Date = date };
        using var http = platform.Http();
        var request = new ReadRequest { Stream = "items", Config = MemoryPlatform.Config, State = state is null ? null : StreamState.Parse(string.Create(CultureInfo.InvariantCulture, $$"""{"at":"{{state}}"}""")) };

        var read = await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", stream: isWhole ? cursor : Cursor(cursor))).ReadAsync(request, Ports.For(http) with { Clock = _clock }, default));

        return ([.. platform.Requests], read);
    }
}
