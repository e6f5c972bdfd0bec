using System.Text.Json;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Reading;

public sealed class PaginationResetTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _http.Dispose();

    /// <summary>Days of January, in the order of a list that ends after so many rows.</summary>
    private int[] _days = [.. Enumerable.Range(1, 11)];
    private int _listed = 4;
    private bool _refuses;

    private Task AnswerAsync(HttpContext context)
    {
        var since = context.Query("since");
        var offset = int.Parse(context.Query("offset").Length == 0 ? "0" : context.Query("offset"));
        if (_refuses && offset >= _listed)
            return context.Json("""{"error":{"message":"too deep"}}""", 400);
        var rows = _days.Select((day, id) => (id, at: $"2024-01-{day:00}T00:00:00Z")).Where(row => string.CompareOrdinal(row.at, since) >= 0).Take(_listed).Skip(offset).Take(2);

        return context.Json($$"""{"items":[{{string.Join(',', rows.Select(row => $$"""{"id":{{row.id}},"updated_at":"{{row.at}}"}"""))}}]}""");
    }

    private Task<ReadResult> ReadAsync(FakePlatform platform, string reset, string? state = null, int batches = int.MaxValue, bool hasCursor = true) => ReadResult.Of(
        Connector.Load(Manifests.OneStream("/items", $$"""
            pagination_reset: {{reset}}
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: offset }
              pagination_strategy: { type: OffsetIncrement, page_size: 2 }
            """, stream: hasCursor ? """
            incremental_sync:
              type: DatetimeBasedCursor
              cursor_field: updated_at
              datetime_format: "%Y-%m-%dT%H:%M:%SZ"
              start_datetime: "2024-01-01T00:00:00Z"
              start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
            """ : "", requester: """
            error_handler: { type: DefaultErrorHandler, response_filters: [{ type: HttpResponseFilter, error_message_contains: too deep, action: RESET_PAGINATION }] }
            """)).ReadAsync(
                new ReadRequest { Stream = "items", Config = platform.Config(), State = state is null ? null : StreamState.Parse(state) },
                Ports.For(_http) with { Clock = _clock }, default),
        batches);

    private static IEnumerable<int> Ids(params ReadResult[] reads) => reads.SelectMany(read => read.Records).Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32());

    private const string Split = "{ type: PaginationReset, action: SPLIT_USING_CURSOR, limits: { type: PaginationResetLimits, number_of_records: 4 } }";

    [Theory]
    [InlineData(Split, false)]
    [InlineData("{ type: PaginationReset, action: SPLIT_USING_CURSOR }", true)]
    public async Task A_list_that_ends_early_is_gone_on_with_from_the_last_cursor(string reset, bool refuses)
    {
        _refuses = refuses;
        await using var platform = await FakePlatform.StartAsync(AnswerAsync);

        var read = await ReadAsync(platform, reset);

        Ids(read).Distinct().ShouldBe(Enumerable.Range(0, 11));
        read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
        read.State.ShouldContain("\"updated_at\":\"2024-01-11T00:00:00Z\"");
        platform.Requests.Select(request => Uri.UnescapeDataString(request).Split("since=")[1].Split('&')[0][..10]).Distinct()
            .ShouldBe(["2024-01-01", "2024-01-04", "2024-01-07", "2024-01-10"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_read_that_stops_anywhere_goes_on_without_a_gap(int batches)
    {
        await using var platform = await FakePlatform.StartAsync(AnswerAsync);

        var first = await ReadAsync(platform, Split, batches: batches);
        var rest = await ReadAsync(platform, Split, first.State);

        Ids(first, rest).Distinct().Order().ShouldBe(Enumerable.Range(0, 11));
        rest.Coverage!.Complete.ShouldBeTrue(rest.Coverage.Detail);
    }

    [Fact]
    public async Task More_rows_of_one_cursor_than_the_platform_lists_are_noticed()
    {
        _days = [1, 2, 3, 3, 3, 3, 3, 4];
        await using var platform = await FakePlatform.StartAsync(AnswerAsync);

        var read = await ReadAsync(platform, Split);

        read.Coverage!.Complete.ShouldBeFalse();
        read.Coverage.Cut.ShouldBe(CutReason.ListEnded);
        read.State.ShouldNotContain("\"updated_at\":\"2024-01-0", customMessage: "the cursor must not pass over what was not read");
    }

    [Fact]
    public async Task A_list_that_is_not_in_order_is_read_as_far_as_it_goes_and_noticed()
    {
        _days = [1, 4, 2, 3, 5, 6];
        await using var platform = await FakePlatform.StartAsync(AnswerAsync);

        var read = await ReadAsync(platform, Split);

        read.Coverage!.Cut.ShouldBe(CutReason.ListEnded);
    }

    [Fact]
    public async Task A_reset_begins_again_and_ends_when_it_leads_nowhere()
    {
        _refuses = true;
        await using var platform = await FakePlatform.StartAsync(AnswerAsync);

        var read = await ReadAsync(platform, "{ type: PaginationReset, action: RESET }", hasCursor: false);

        Ids(read).Distinct().ShouldBe([0, 1, 2, 3]);
        platform.Requests.Count.ShouldBe(12);
        read.Coverage!.Cut.ShouldBe(CutReason.ListEnded);
    }

    [Fact]
    public async Task A_page_token_that_ends_early_once_costs_nothing_but_pages()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            _listed = 100;
            return ++calls == 2 ? context.Json("""{"error":{"message":"too deep"}}""", 400) : AnswerAsync(context);
        });

        var read = await ReadAsync(platform, "{ type: PaginationReset, action: RESET }", hasCursor: false);

        Ids(read).Distinct().ShouldBe(Enumerable.Range(0, 11));
        read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
    }

    [Fact]
    public void A_limit_that_would_bring_the_same_pages_for_ever_is_refused() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", Split.Replace("SPLIT_USING_CURSOR", "RESET", StringComparison.Ordinal).Insert(0, "pagination_reset: "))))
            .Message.ShouldContain("for ever");
}
