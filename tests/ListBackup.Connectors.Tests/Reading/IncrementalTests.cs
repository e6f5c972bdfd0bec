using System.Text.Json;
using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Reading;

public sealed class IncrementalTests : IDisposable
{
    private const string Cursor = """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: updated_at
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_datetime: "2024-01-01T00:00:00Z"
          start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
          end_time_option: { type: RequestOption, inject_into: request_parameter, field_name: until }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 11, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _http.Dispose();

    private Task<ReadResult> ReadAsync(FakePlatform platform, string manifest, string? state = null, bool full = false, int batches = int.MaxValue) => ReadResult.Of(
        Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config(), State = state is null ? null : StreamState.Parse(state), FullRefresh = full },
            Ports.For(_http) with { Clock = _clock }, default),
        batches);

    private static string Items(params string[] times) =>
        $$"""{"items":[{{string.Join(',', times.Select((time, id) => $$"""{"id":{{id}},"updated_at":"{{time}}"}"""))}}]}""";

    [Fact]
    public async Task A_read_starts_where_the_last_one_came_to()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items("2024-01-05T00:00:00Z", "2024-01-07T12:00:00Z", "2024-01-06T00:00:00Z")));

        var first = await ReadAsync(platform, Manifests.OneStream("/items", stream: Cursor));
        first.State.ShouldBe("""{"updated_at":"2024-01-07T12:00:00Z"}""");
        await ReadAsync(platform, Manifests.OneStream("/items", stream: Cursor), first.State);

        platform.Requests.ShouldBe([
            "GET /items?since=2024-01-01T00%3A00%3A00Z&until=2024-01-11T00%3A00%3A00Z", "GET /items?since=2024-01-07T12%3A00%3A00Z&until=2024-01-11T00%3A00%3A00Z"]);
    }

    [Fact]
    public async Task A_cursor_never_moves_back_and_never_beyond_the_interval()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items("2024-01-02T00:00:00Z", "2031-01-01T00:00:00Z")));

        (await ReadAsync(platform, Manifests.OneStream("/items", stream: Cursor))).State.ShouldBe("""{"updated_at":"2024-01-11T00:00:00Z"}""");

        await using var empty = await FakePlatform.StartAsync(context => context.Json(Items("2024-01-02T00:00:00Z")));
        (await ReadAsync(empty, Manifests.OneStream("/items", stream: Cursor), """{"updated_at":"2024-01-09T00:00:00Z"}""")).State
            .ShouldBe("""{"updated_at":"2024-01-09T00:00:00Z"}""");
    }

    [Fact]
    public async Task Intervals_of_a_step_meet_without_gap_and_overlap()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items()));

        await ReadAsync(platform, Manifests.OneStream("/items", stream: Cursor + "\n  step: P4D\n  cursor_granularity: PT1S\n  lookback_window: P1D"), """{"updated_at":"2024-01-02T00:00:00Z"}""");

        platform.Requests.Select(Uri.UnescapeDataString).ShouldBe([
            "GET /items?since=2024-01-01T00:00:00Z&until=2024-01-04T23:59:59Z",
            "GET /items?since=2024-01-05T00:00:00Z&until=2024-01-08T23:59:59Z",
            "GET /items?since=2024-01-09T00:00:00Z&until=2024-01-11T00:00:00Z",
        ]);
    }

    [Theory]
    [InlineData("DAY", "", "P4D", "2024-01-02..2024-01-05 2024-01-06..2024-01-09 2024-01-10..2024-01-10")]
    [InlineData("WEEK", ", target_details: { weekday: SUNDAY }", "P3D", "2023-12-31..2024-01-06")]
    [InlineData("WEEK", ", target_details: { weekday: MONDAY }", "P30D", "2024-01-01..2024-01-07")]
    [InlineData("{{ 'MONTH' }}", "", "P1M", "")]
    public async Task Clamped_intervals_are_whole_periods_and_leave_nothing_before_them_out(string target, string details, string step, string intervals)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items()));
        var cursor = Cursor.Replace("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", StringComparison.Ordinal) + $"\n  step: {step}\n  cursor_granularity: P1D\n  clamping: {{ target: \"{target}\"{details} }}";

        var read = await ReadAsync(platform, Manifests.OneStream("/items", stream: cursor), """{"updated_at":"2024-01-02"}""");

        platform.Requests.Select(request => request.Replace("GET /items?since=", "", StringComparison.Ordinal).Replace("&until=", "..", StringComparison.Ordinal))
            .ShouldBe(intervals.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        read.Coverage!.Complete.ShouldBeTrue();
        read.State.ShouldBe("""{"updated_at":"2024-01-02"}""");
    }

    [Fact]
    public async Task A_read_that_stopped_between_intervals_goes_on_with_the_next()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items(context.Query("since"))));
        var manifest = Manifests.OneStream("/items", stream: Cursor + "\n  step: P4D\n  cursor_granularity: PT1S");

        for (var batches = 1; batches <= 3; batches++)
        {
            var first = await ReadAsync(platform, manifest, full: true, batches: batches);
            var rest = await ReadAsync(platform, manifest, first.State, full: true);

            (first.Records.Count + rest.Records.Count).ShouldBe(3);
            rest.State.ShouldBe("""{"updated_at":"2024-01-09T00:00:00Z"}""");
        }
    }

    [Fact]
    public async Task A_feed_ends_at_the_first_record_that_is_known()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(
            context.Query("page") == "1" ? Items("2024-01-06T00:00:00Z", "2024-01-04T00:00:00Z") : Items("2024-01-09T00:00:00Z", "2024-01-08T00:00:00Z")));
        var manifest = Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 2 }
            """, stream: Cursor + "\n  is_data_feed: true");

        var read = await ReadAsync(platform, manifest, """{"updated_at":"2024-01-05T00:00:00Z"}""");

        read.Records.Count.ShouldBe(3);
        platform.Requests.Count.ShouldBe(2);
        read.State.ShouldBe("""{"updated_at":"2024-01-09T00:00:00Z"}""");
    }

    [Fact]
    public async Task Each_partition_has_its_own_cursor_in_the_format_that_others_write()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items(context.Request.Path == "/a" ? "2024-01-03T00:00:00Z" : "2024-01-08T00:00:00Z")));
        var manifest = Manifests.OneStream("{{ stream_partition.kind }}", "partition_router: { type: ListPartitionRouter, cursor_field: kind, values: [a, b] }", Cursor);

        var read = await ReadAsync(platform, manifest, """{"states": [{"partition": {"kind": "a"}, "cursor": {"updated_at": "2024-01-02T00:00:00Z"}}]}""");

        platform.Requests.Select(Uri.UnescapeDataString).First().ShouldStartWith("GET /a?since=2024-01-02");
        platform.Requests.Select(Uri.UnescapeDataString).Last().ShouldStartWith("GET /b?since=2024-01-01");
        read.State.ShouldBe("""{"use_global_cursor":false,"states":[{"partition":{"kind":"a"},"cursor":{"updated_at":"2024-01-03T00:00:00Z"}},{"partition":{"kind":"b"},"cursor":{"updated_at":"2024-01-08T00:00:00Z"}}]}""");
    }

    [Fact]
    public async Task A_number_that_grows_is_a_cursor_too()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":4},{"id":6},{"id":9007199254740993}]}"""));
        var manifest = Manifests.OneStream("/items", stream: """
            incremental_sync:
              type: IncrementingCountCursor
              cursor_field: id
              start_value: 0
              start_value_option: { type: RequestOption, inject_into: request_parameter, field_name: from }
            """);

        var read = await ReadAsync(platform, manifest, """{"id":5}""");

        read.Records.Count.ShouldBe(2);
        read.State.ShouldBe("""{"id":9007199254740993}""");
        platform.Requests.ShouldBe(["GET /items?from=5"]);
    }

    [Fact]
    public async Task Children_of_every_parent_are_read_and_a_stopped_read_passes_over_those_behind_it()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/lists"
            ? context.Json(context.Query("page").Length == 0 ? """{"items":[{"id":10,"name":"x"},{"id":20,"name":"y"}]}""" : """{"items":[{"id":30,"name":"z"}]}""")
            : context.Json($$"""{"items":[{"id":1,"of":"{{context.Request.Path}}"}]}"""));
        var manifest = Manifests.OneStream("/lists/{{ stream_slice.list_id }}/items", """
            partition_router:
              type: SubstreamPartitionRouter
              parent_stream_configs:
                - type: ParentStreamConfig
                  parent_key: id
                  partition_field: list_id
                  stream:
                    type: DeclarativeStream
                    name: lists
                    retriever:
                      type: SimpleRetriever
                      paginator:
                        type: DefaultPaginator
                        page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
                        pagination_strategy: { type: PageIncrement, page_size: 2 }
                      requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /lists }
                      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } }
            """, stream: "transformations: [{ type: AddFields, fields: [{ path: [list], value: \"{{ stream_slice.list_id }}\" }] }]");

        var all = await ReadAsync(platform, manifest);
        all.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("list").GetInt32()).ShouldBe([10, 20, 30]);
        all.Records[0].ShouldBe("""{"id":1,"of":"/lists/10/items","list":10}""");
        all.Coverage!.Evidence.RowsKept.ShouldBe(3, "rows of the parent are no evidence about its children");
        all.Coverage.Evidence.Pages.ShouldBe(3);
        all.Coverage.Evidence.Requests.ShouldBe(5);

        for (var batches = 1; batches <= 3; batches++)
        {
            var first = await ReadAsync(platform, manifest, batches: batches);
            var rest = await ReadAsync(platform, manifest, first.State);
            first.Records.Concat(rest.Records).ShouldBe(all.Records, $"after {batches} batches");
        }
    }

    [Fact]
    public async Task A_read_whose_partition_is_gone_reads_those_that_it_has_not_read()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        string Manifest(string values) => Manifests.OneStream("{{ stream_partition.kind }}", $"partition_router: {{ type: ListPartitionRouter, cursor_field: kind, values: [{values}] }}");

        var first = await ReadAsync(platform, Manifest("a, b, c"), batches: 2);
        var rest = await ReadAsync(platform, Manifest("new, a, c"), first.State);

        rest.Records.Count.ShouldBe(2);
        platform.Requests.ShouldBe(["GET /a", "GET /b", "GET /new", "GET /c"]);
    }
}
