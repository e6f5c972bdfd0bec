using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Cursors;

/// <summary>States as Airbyte's engines write them, of every age, and what this one makes of them.</summary>
public sealed class StateFormatTests
{
    private const string Router = "partition_router: { type: ListPartitionRouter, cursor_field: list_id, values: ['7', '8'] }";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("""{"updated_at":"2024-01-05T00:00:00Z"}""", "2024-01-05T00:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[{"start":"2024-01-01T00:00:00Z","end":"2024-01-09T00:00:00Z","most_recent_cursor_value":"2024-01-06T00:00:00Z"}],"legacy":{}}""", "2024-01-06T00:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[{"start":"2024-01-05T00:00:00Z","end":"2024-01-09T00:00:00Z"},{"start":"2024-01-02T00:00:00Z","end":"2024-01-03T00:00:00Z","most_recent_cursor_value":"2024-01-02T12:00:00Z"}]}""", "2024-01-02T12:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[{"start":"2024-01-01T00:00:00Z","end":"2024-01-03T00:00:00Z"},{"start":"2024-01-03T00:00:01Z","end":"2024-01-08T00:00:00Z","most_recent_cursor_value":"2024-01-07T00:00:00Z"}]}""", "2024-01-07T00:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[{"start":"2024-01-04T00:00:00Z","end":"2024-01-09T00:00:00Z"}],"legacy":{}}""", "2024-01-04T00:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[{"start":"2024-01-04T00:00:00Z","end":"2024-01-09T00:00:00Z","most_recent_cursor_value":"2030-01-01T00:00:00Z"}]}""", "2024-01-09T00:00:00Z")]
    [InlineData("""{"state_type":"date-range","slices":[],"legacy":{"updated_at":"2024-01-05T00:00:00Z"}}""", "2024-01-05T00:00:00Z")]
    [InlineData("""{"something":"else"}""", "2024-01-01T00:00:00Z")]
    [InlineData("""{"updated_at":"no time"}""", "2024-01-01T00:00:00Z")]
    public async Task A_stream_goes_on_where_the_first_stretch_without_a_gap_ends(string state, string since)
    {
        var (requests, _) = await ReadAsync(Manifest("  cursor_granularity: PT1S\n  step: P1Y"), state);

        requests[0].ShouldStartWith($"/items?since={since}");
    }

    [Theory]
    [InlineData("%s", "1704412800", "1704412800")]
    [InlineData("%s", "\"1704412800\"", "1704412800")]
    [InlineData("%s", "1704412800.0", "1704412800")]
    [InlineData("%ms", "1704412800000", "1704412800000")]
    [InlineData("%epoch_microseconds", "1704412800000000", "1704412800000000")]
    [InlineData("%s_as_float", "1704412800.25", "1704412800.25")]
    [InlineData("%Y-%m-%d", "\"2024-01-05\"", "2024-01-05")]
    [InlineData("%Y%m%d", "20240105", "20240105")]
    [InlineData("%Y-%m-%d", "\"2024-01-05T11:22:33Z\"", "2024-01-05")]
    public async Task Cursors_are_read_in_the_format_of_requests_whatever_the_format_of_records(string format, string cursor, string since)
    {
        var manifest = Manifest("  cursor_datetime_formats: ['%s', '%Y-%m-%dT%H:%M:%SZ']").Replace("%Y-%m-%dT%H:%M:%SZ\"\n", format + "\"\n", StringComparison.Ordinal);

        var (requests, state) = await ReadAsync(manifest, $$"""{"updated_at":{{cursor}}}""");

        requests[0].ShouldStartWith($"/items?since={since}&");
        JsonNode.Parse(state)!["updated_at"]!.GetValueKind().ShouldBe(JsonNode.Parse(cursor)!.GetValueKind(), "a number stays a number");
    }

    [Fact]
    public async Task Intervals_that_came_go_out_as_intervals_and_legacy_and_parents_stay()
    {
        var (_, state) = await ReadAsync(
            Manifest(""),
            """{"state_type":"date-range","slices":[{"start":"2020-01-01T00:00:00Z","end":"2024-01-03T00:00:00Z","most_recent_cursor_value":"2024-01-02T00:00:00Z"}],"legacy":{"a":[1.10]},"parent_state":{"lists":{"x":9007199254740993}}}""",
            """{"id":1,"updated_at":"2024-01-09T00:00:00Z"}""");

        state.ShouldBe("""{"state_type":"date-range","slices":[{"start":"2020-01-01T00:00:00Z","end":"2024-01-09T00:00:00Z","most_recent_cursor_value":"2024-01-09T00:00:00Z"}],"legacy":{"a":[1.10]},"parent_state":{"lists":{"x":9007199254740993}}}""");
    }

    [Theory]
    [InlineData("""{"states":[{"partition":{"list_id":"7"},"cursor":{"updated_at":"2024-01-05T00:00:00Z"}}]}""", "2024-01-05", "2024-01-01")]
    [InlineData("""{"states":[{"partition":{"list_id":7,"parent_slice":{}},"cursor":{"updated_at":"2024-01-05T00:00:00Z"}}],"use_global_cursor":false,"state":{"updated_at":"2024-01-09T00:00:00Z"},"lookback_window":3}""", "2024-01-05", "2024-01-01")]
    [InlineData("""{"use_global_cursor":true,"state":{"updated_at":"2024-01-09T00:00:00Z"},"lookback_window":3600}""", "2024-01-08T23:00:00Z", "2024-01-08T23:00:00Z")]
    [InlineData("""{"updated_at":"2024-01-09T00:00:00Z"}""", "2024-01-09", "2024-01-09")]
    [InlineData("""{"7":{"updated_at":"2024-01-05T00:00:00Z"},"8":{"updated_at":"2024-01-06T00:00:00Z"}}""", "2024-01-05", "2024-01-06")]
    [InlineData("""{"states":[{"partition":{"list_id":"7"},"cursor":{"state_type":"date-range","slices":[{"start":"2024-01-01T00:00:00Z","end":"2024-01-09T00:00:00Z","most_recent_cursor_value":"2024-01-06T00:00:00Z"}]}}]}""", "2024-01-06", "2024-01-01")]
    public async Task Partitions_go_on_where_they_are_known_and_new_ones_begin_at_the_start(string state, string seven, string eight)
    {
        var (requests, _) = await ReadAsync(Partitioned(""), state);

        requests[0].ShouldStartWith($"/items/7?since={seven}");
        requests[1].ShouldStartWith($"/items/8?since={eight}");
    }

    [Fact]
    public async Task A_cursor_for_all_partitions_is_the_highest_that_was_seen_with_the_time_that_the_read_took()
    {
        var (requests, state) = await ReadAsync(Partitioned("  global_substream_cursor: true"), null, """{"id":1,"updated_at":"2024-01-09T00:00:00Z"}""", () => _clock.Advance(TimeSpan.FromSeconds(30)));

        state.ShouldBe("""{"use_global_cursor":true,"state":{"updated_at":"2024-01-09T00:00:00Z"},"lookback_window":60}""");
        requests.Select(request => request.Split("until=")[1]).Distinct().ShouldBe(["2024-02-01T00:00:00Z"], "all partitions are read up to the same time");
    }

    [Fact]
    public async Task A_stream_that_was_read_whole_before_is_read_by_partition_from_there_and_keeps_that_for_those_without_news()
    {
        var (_, state) = await ReadAsync(Partitioned(""), """{"updated_at":"2024-01-09T00:00:00Z"}""");

        state.ShouldBe("""{"use_global_cursor":false,"states":[{"partition":{"list_id":"7"},"cursor":{"updated_at":"2024-01-09T00:00:00Z"}},{"partition":{"list_id":"8"},"cursor":{"updated_at":"2024-01-09T00:00:00Z"}}],"state":{"updated_at":"2024-01-09T00:00:00Z"}}""");
        (await ReadAsync(Partitioned("").Replace("'8'", "'9'", StringComparison.Ordinal), state)).Requests[1].ShouldStartWith("/items/9?since=2024-01-01");
    }

    [Fact]
    public async Task More_partitions_than_a_state_holds_share_a_cursor_once_all_were_read()
    {
        var (_, state) = await ReadAsync(Partitioned(""), null, """{"id":1,"updated_at":"2024-01-09T00:00:00Z"}""", bytesMax: 120);
        var (requests, _) = await ReadAsync(Partitioned(""), state, bytesMax: 120);

        state.ShouldBe("""{"use_global_cursor":true,"state":{"updated_at":"2024-01-09T00:00:00Z"},"lookback_window":0}""");
        requests.ShouldAllBe(request => request.Contains("since=2024-01-09", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_state_of_partitions_reads_back_as_it_was_written()
    {
        var texts = Gen.Char.AlphaNumeric.Array[1, 8].Select(characters => new string(characters));
        var fields = Gen.OneOf(
            texts.Select(text => Value.Of(text)), Gen.Long.Select(number => Value.Of(number)),
            texts.Select(text => Value.Of(new ValueMap().Set("up", Value.Of(text)))));
        var partitions = Gen.Dictionary(texts, fields)[1, 3].Select(map => map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Aggregate(new ValueMap(), (partition, pair) => partition.Set(pair.Key, pair.Value)));
        var entries = Gen.Select(partitions, Gen.Int[0, 2_000_000]).Array[0, 8];

        Gen.Select(entries, Gen.Bool).Sample((states, isNumber) =>
        {
            var shape = new StateShape("at", true, false, isNumber, 1_000_000, text => Value.Of(long.Parse(text, CultureInfo.InvariantCulture)), (_, _) => false);
            var written = new StateKeeper(null, shape, false);
            foreach (var (partition, cursor) in states)
                written.Advance(new Partition(partition, null), cursor.ToString(CultureInfo.InvariantCulture));

            var read = new StateKeeper(written.Snapshot(null), shape, false);

            read.Snapshot(null).ToJson().ShouldBe(written.Snapshot(null).ToJson());
            foreach (var (partition, _) in states)
                read.CursorOf(new Partition(partition, null)).ShouldBe(written.CursorOf(new Partition(partition, null)));
        }, iter: 300);
    }

    [Fact]
    public void Any_place_of_a_read_reads_back_as_it_was_written() => Gen.Select(Gen.Int[0, 3_000], Gen.Int[0, 100], Gen.Bool, Gen.Long[0, 1_000_000]).Sample((count, pages, flag, total) =>
    {
        var done = new DonePartitions();
        for (var at = 0; at < count; at++)
            done.Add($"{at}");
        var position = new PagePosition
        {
            Partition = new ValueMap().Set("list_id", Value.Of(total)),
            Start = "2024-01-01T00:00:00.000000Z",
            Next = flag ? "2024-01-02T00:00:00.000001Z" : null,
            Token = Value.Of(pages),
            Seen = "2024-01-01T10:00:00.123456Z",
            IsHeld = flag,
            Pages = new() { Pages = pages, Rows = total, Total = total, TotalFirst = total + 1, Probed = flag ? pages : null, ProbedPage = flag ? "ab" : null, Empty = pages, Repetition = new Paging.Repetition().ToValue() },
            Read = new ReadProgress
            {
                Began = RandomStream.FirstRead.AddMicroseconds(total), Bound = RandomStream.Start, IsFullRefresh = flag, Highest = "x", Total = total, Partitions = count, Intervals = pages,
                IsOverflowing = flag, IsFiner = flag, IsEndWhole = !flag, Sizes = Paging.PageSizes.Unknown.WithPage(3, 3).WithMore(2).WithLast(1), Done = done.Take(),
            }.WithGap(CutReason.PartitionsRefused, 3).WithGap(CutReason.EmptyPages).With(CoverageNote.PagesMoved),
        };
        var text = ValueJson.ToText(position.ToValue());

        var read = PagePosition.Parse(ValueJson.Parse(text))!;

        ValueJson.ToText((read with { Read = read.Read! with { Done = read.DonePartitions.Take() } }).ToValue()).ShouldBe(
            read.DonePartitions.IsUnlisted ? WithoutDone(text) : text);
        read.DonePartitions.IsUnlisted.ShouldBe(count > DonePartitions.ListedMax);
        if (!read.DonePartitions.IsUnlisted)
            Enumerable.Range(0, count).ShouldAllBe(at => read.DonePartitions.Contains($"{at}"));
    }, iter: 100);

    private static string WithoutDone(string text)
    {
        var json = JsonNode.Parse(text)!;
        json["read"]!.AsObject().Remove("done");

        return json.ToJsonString();
    }

    private static string Manifest(string cursor) => Manifests.OneStream("/items", stream: Cursor(cursor));

    private static string Partitioned(string cursor) => Manifests.OneStream("/items/{{ stream_partition.list_id }}", Router, Cursor(cursor));

    private static string Cursor(string more) => $$"""
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: updated_at
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_datetime: { type: MinMaxDatetime, datetime: "2024-01-01", datetime_format: "%Y-%m-%d" }
          start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
          end_time_option: { type: RequestOption, inject_into: request_parameter, field_name: until }
        {{more}}
        """;

    private async Task<(List<string> Requests, string State)> ReadAsync(string manifest, string? state, string rows = "", Action? atRequest = null, int bytesMax = 1_000_000)
    {
        var platform = new MemoryPlatform((_, _) =>
        {
            atRequest?.Invoke();
            return (200, $$"""{"items":[{{rows}}]}""");
        });
        using var http = platform.Http();

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = MemoryPlatform.Config, State = state is null ? null : StreamState.Parse(state), StateBytesMax = bytesMax },
            Ports.For(http) with { Clock = _clock }, default));

        return ([.. platform.Requests], read.State);
    }
}
