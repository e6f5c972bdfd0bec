using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Reading;

public class StateDelegationTests
{
    private static readonly DateTimeOffset Now = new(2024, 3, 31, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, "full")]
    [InlineData("{}", "full")]
    [InlineData("""{"at":"2024-03-20T00:00:00Z"}""", "events")]
    [InlineData("""{"at":"2024-01-01T00:00:00Z"}""", "full")]
    [InlineData("""{"states":[{"partition":{"p":"1"},"cursor":{"at":"2024-03-20T00:00:00Z"}},{"partition":{"p":"2"},"cursor":{"at":"2024-01-20T00:00:00Z"}}]}""", "full")]
    [InlineData("""{"1":{"at":"2024-03-20T00:00:00Z"},"2":{"at":"2024-01-20T00:00:00Z"}}""", "full")]
    public async Task The_state_decides_how_a_stream_is_read(string? state, string way)
    {
        var (requests, _) = await ReadAsync(state);

        requests.ShouldAllBe(request => request.Contains($"/{way}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_read_ends_in_a_state_that_the_incremental_way_goes_on_from()
    {
        var (_, full) = await ReadAsync(null);

        var (requests, _) = await ReadAsync(full.State);

        full.State.ShouldBe("""{"at":"2024-03-30T00:00:00Z"}""");
        requests.ShouldAllBe(request => request.Contains("/events", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_read_that_was_stopped_goes_on_as_a_full_read()
    {
        var (_, stopped) = await ReadAsync(null, batches: 1);

        var (requests, rest) = await ReadAsync(stopped.State);

        requests.ShouldBe(["GET /full?page=2"]);
        rest.Records.ShouldBe(["""{"id":2,"at":"2024-03-30T00:00:00Z"}"""]);
    }

    [Fact]
    public async Task Who_asks_for_everything_gets_the_full_way_from_its_start()
    {
        var (_, incremental) = await ReadAsync("""{"at":"2024-03-20T00:00:00Z"}""", batches: 1);

        var (requests, _) = await ReadAsync(incremental.State, fullRefresh: true);

        requests.ShouldBe(["GET /full", "GET /full?page=2"]);
    }

    [Fact]
    public void The_catalogue_shows_one_stream_that_is_read_by_what_changed()
    {
        var stream = Connector.Load(Manifest).Streams.Single();

        stream.CursorField.ShouldBe(FieldPath.Of("at"));
        stream.SyncModes.ShouldBe(SyncModes.FullRefresh | SyncModes.Incremental);
    }

    [Theory]
    [InlineData("api_retention_period: P30D", "api_retention_period: a month", "api_retention_period")]
    [InlineData("full_refresh_stream: { type: DeclarativeStream, name: items", "full_refresh_stream: { type: DeclarativeStream, name: others", "name")]
    public void What_does_not_fit_together_is_refused(string right, string wrong, string option) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest.Replace(right, wrong, StringComparison.Ordinal))).Problems.ShouldContain(problem => problem.Path == $"streams[0].{option}");

    private static async Task<(IReadOnlyList<string> Requests, ReadResult Read)> ReadAsync(string? state, int batches = int.MaxValue, bool fullRefresh = false)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(context.Request.Path == "/events"
            ? """{"items":[{"id":3,"at":"2024-03-30T12:00:00Z"}]}"""
            : context.Query("page") == "2" ? """{"items":[{"id":2,"at":"2024-03-30T00:00:00Z"}]}""" : """{"items":[{"id":1,"at":"2024-03-01T00:00:00Z"}],"next":2}"""));
        using var http = new ConnectorHttp(Ports.Loopback);
        var request = new ReadRequest { Stream = "items", Config = platform.Config(), State = state is null ? null : StreamState.Parse(state), FullRefresh = fullRefresh };
        var ports = Ports.For(http) with { Clock = new FakeTimeProvider(Now) };

        var read = await ReadResult.Of(Connector.Load(Manifest).ReadAsync(request, ports, TestContext.Current.CancellationToken), batches);

        return ([.. platform.Requests], read);
    }

    private const string Cursor = "incremental_sync: { type: DatetimeBasedCursor, cursor_field: at, datetime_format: '%Y-%m-%dT%H:%M:%SZ', start_datetime: '2020-01-01T00:00:00Z' }";

    private const string Manifest = $$$"""
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - type: StateDelegatingStream
            name: items
            api_retention_period: P30D
            full_refresh_stream: { type: DeclarativeStream, name: items, primary_key: id, {{{Cursor}}}, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /full }, record_selector: { extractor: { field_path: [items] } }, paginator: { type: DefaultPaginator, page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }, pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" } } } }
            incremental_stream: { type: DeclarativeStream, name: items, primary_key: id, {{{Cursor}}}, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /events }, record_selector: { extractor: { field_path: [items] } } } }
        """;
}
