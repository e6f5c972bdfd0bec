using System.Text.Json;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

public sealed class PaginationTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private static string Items(int from, int count, string? more = null) =>
        $$"""{"items":[{{string.Join(',', Enumerable.Range(from, count).Select(id => $$"""{"id":{{id}},"big":9007199254740993,"price":1.10}"""))}}]{{more}}}""";

    [Fact]
    public async Task Pages_are_numbered_until_one_is_short()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            var page = int.Parse(context.Query("page").Length == 0 ? "1" : context.Query("page"));
            return context.Json(Items((page - 1) * 2, page < 3 ? 2 : 1));
        });
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_size_option: { type: RequestOption, inject_into: request_parameter, field_name: per_page }
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 2, start_from_page: 1 }
            """));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Records.Count.ShouldBe(5);
        read.Records[4].ShouldBe("""{"id":4,"big":9007199254740993,"price":1.10}""");
        platform.Requests.ShouldBe(["GET /items?per_page=2", "GET /items?per_page=2&page=2", "GET /items?per_page=2&page=3"]);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Pages.ShouldBe(3);
        read.Coverage.Evidence.RowsArrived.ShouldBe(5);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_total_of_what_is_left_is_one_total_with_what_came(int lost, bool complete)
    {
        // Five rows, two a page, each page by ids beyond the last; the platform counts those. When it keeps one to itself the last page is short of its own count.
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            var after = context.Query("after").Length == 0 ? 0 : int.Parse(context.Query("after"));
            var rows = Math.Min(2, 5 - after - (after >= 4 ? lost : 0));
            return context.Json(Items(after + 1, rows, $",\"left\":{5 - after}"));
        });
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ last_record.id }}", stop_condition: "{{ last_page_size < 2 }}" }
            """, more: """
            x-listbackup:
              streams:
                items:
                  total: { in_page: [left], counts: rest }
            """));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(), FullRefresh = true }, Ports.For(_http), default));

        read.Records.Count.ShouldBe(5 - lost);
        read.Coverage!.Evidence.ReportedTotal.ShouldBe(5);
        read.Coverage.Complete.ShouldBe(complete);
    }

    [Fact]
    public async Task A_page_that_the_filter_empties_is_not_the_last()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
            context.Json(Items(int.Parse(context.Query("offset")), context.Query("offset") == "4" ? 1 : 2)));
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: offset }
              pagination_strategy: { type: OffsetIncrement, page_size: 2, inject_on_first_request: true }
            """).Replace("type: RecordSelector", "type: RecordSelector\n        record_filter: { type: RecordFilter, condition: \"{{ record.id >= 4 }}\" }", StringComparison.Ordinal));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Records.Count.ShouldBe(1);
        read.Coverage!.Evidence.RowsArrived.ShouldBe(5);
        platform.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }", "{{ response.next }}", ",\"next\":\"NEXT\"")]
    [InlineData("page_token_option: { type: RequestPath }", "{{ response.next }}", ",\"next\":\"URL/items?after=NEXT\"")]
    [InlineData("page_token_option: { type: RequestPath }", "{{ headers['link']['next']['url'] }}", "")]
    [InlineData("page_token_option: { type: RequestOption, inject_into: body_json, field_path: [page, after] }", "{{ last_record.id }}", "")]
    public async Task The_answer_tells_how_to_go_on(string option, string cursor, string more)
    {
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            var after = context.Query("after");
            if (context.Request.Method == "POST" && await JsonDocument.ParseAsync(context.Request.Body) is { } body && body.RootElement.TryGetProperty("page", out var page))
                after = page.GetProperty("after").ToString();
            var from = after.Length == 0 ? 0 : int.Parse(after) + (option.Contains("body_json") ? 1 : 0);
            var url = $"{context.Request.Scheme}://{context.Request.Host}";
            if (from < 4)
                context.Response.Headers.Link = $"<{url}/items?after={from + 2}>; rel=\"next\", <{url}/items>; rel=\"first\"";
            await context.Json(from >= 4 ? Items(0, 0) : Items(from, 2, from < 4 ? more.Replace("URL", url).Replace("NEXT", $"{from + 2}") : null));
        });
        var connector = Connector.Load(Manifests.OneStream("/items", $$"""
            paginator:
              type: DefaultPaginator
              {{option}}
              pagination_strategy: { type: CursorPagination, cursor_value: "{{cursor}}" }
            """, requester: option.Contains("body_json") ? "http_method: POST\nrequest_body_json: { q: all }" : ""));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32()).ShouldBe([0, 1, 2, 3]);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{{ response.next }}", "a page that names itself")]
    [InlineData("{{ (next_page_token.next_page_token | default(0) | int + 1) % 7 + 1 }}", "a circle of pages")]
    public async Task A_platform_that_goes_in_circles_is_cut_and_the_coverage_says_so(string cursor, string why)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items(Random.Shared.Next(1_000_000), 2, ",\"next\":\"same\"")));
        var connector = Connector.Load(Manifests.OneStream("/items", $$"""
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{cursor}}" }
            """));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Coverage!.Complete.ShouldBeFalse(why);
        read.Coverage.Cut.ShouldBe(CutReason.RepeatedPageToken);
        platform.Requests.Count.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task A_platform_that_ignores_the_page_number_is_cut()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items(1, 2)));
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 2 }
            """));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Coverage!.Cut.ShouldBe(CutReason.RepeatedPageToken);
        platform.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Endless_pages_end_at_the_limit()
    {
        var next = 0;
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Items(Interlocked.Increment(ref next) * 2, 2)));
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 2 }
            """));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(), PagesMax = 10 }, Ports.For(_http), default));

        read.Coverage!.Cut.ShouldBe(CutReason.PagesMax);
        read.Records.Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_read_resumes_at_the_next_page_after_any_batch()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            var page = int.Parse(context.Query("page").Length == 0 ? "0" : context.Query("page"));
            return context.Json(Items(page * 2, page < 4 ? 2 : 0));
        });
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 2 }
            """));
        var request = new ReadRequest { Stream = "items", Config = platform.Config() };

        for (var batches = 1; batches <= 4; batches++)
        {
            var first = await ReadResult.Of(connector.ReadAsync(request, Ports.For(_http), default), batches);
            var rest = await ReadResult.Of(connector.ReadAsync(request with { State = StreamState.Parse(first.State) }, Ports.For(_http), default));

            first.Records.Concat(rest.Records).Count().ShouldBe(8, $"after {batches} batches");
            rest.Records.Count.ShouldBe(8 - (batches * 2));
            rest.State.ShouldBe("{}");
        }
    }
}
