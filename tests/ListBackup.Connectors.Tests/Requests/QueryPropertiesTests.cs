using System.Text.Json;
using ListBackup.Connectors.Manifest;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Requests;

public sealed class QueryPropertiesTests : IDisposable
{
    private const string Paginator = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private async Task<ReadResult> ReadAsync(FakePlatform platform, string requester, string stream = "", string selector = "field_path: [items]", string retriever = Paginator) => await ReadResult.Of(
        Connector.Load(Manifests.OneStream("/items", retriever, stream: stream, requester: requester, selector: selector))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

    /// <summary>A platform with two pages of records that shows of each only the properties that it is asked for.</summary>
    private static Task AnswerAsync(HttpContext context, Func<string, int, bool>? hides = null)
    {
        if (context.Request.Path == "/properties")
            return context.Json("""{"results":[{"name":"a","x":{"name":"a"}},{"name":"b"},{"name":"c"},{"name":"big"}]}""");

        var asked = context.Query("props").Split(',');
        var isSecond = context.Query("after") == "2";
        var items = Enumerable.Range(isSecond ? 3 : 1, 2).Where(id => !asked.Any(name => hides?.Invoke(name, id) ?? false)).Select(id =>
            $$"""{"id":{{id}}{{string.Concat(asked.Where(name => name is not "id").Select(name => Member(name, id)))}},"in":{"{{asked[^1]}}":1.10} }""".Replace("} }", "}}", StringComparison.Ordinal));

        return context.Json($$"""{"items":[{{string.Join(',', items)}}],"next":{{(isSecond ? "null" : "\"2\"")}}}""");
    }

    private static string Member(string name, int id) => name == "big" ? ",\"big\":9007199254740993" : $",\"{name}\":\"{name}{id}\"";

    private const string Chunked = """
        request_parameters:
          props:
            type: QueryProperties
            property_list: [a, b, big]
            always_include_properties: [id]
            property_chunking: { type: PropertyChunking, property_limit_type: property_count, property_limit: 2, record_merge_strategy: { type: GroupByKeyMergeStrategy, key: id } }
        """;

    [Fact]
    public async Task A_page_in_several_requests_is_one_page_of_whole_records()
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context));

        var read = await ReadAsync(platform, Chunked);

        read.Records.ShouldBe([
            """{"id":1,"a":"a1","b":"b1","in":{"b":1.10,"big":1.10},"big":9007199254740993}""", """{"id":2,"a":"a2","b":"b2","in":{"b":1.10,"big":1.10},"big":9007199254740993}""",
            """{"id":3,"a":"a3","b":"b3","in":{"b":1.10,"big":1.10},"big":9007199254740993}""", """{"id":4,"a":"a4","b":"b4","in":{"b":1.10,"big":1.10},"big":9007199254740993}""",
        ]);
        platform.Requests.Select(Uri.UnescapeDataString).ShouldBe([
            "GET /items?props=id,a,b", "GET /items?props=id,big", "GET /items?props=id,a,b&after=2", "GET /items?props=id,big&after=2"]);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Pages.ShouldBe(2);
        read.Coverage.Evidence.RowsArrived.ShouldBe(4);
    }

    [Fact]
    public async Task Filter_and_transformations_see_the_whole_record()
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context));

        var read = await ReadAsync(
            platform, Chunked.Replace("property_list: [a, b, big]", "property_list: [a, b, c]", StringComparison.Ordinal),
            "transformations: [{ type: AddFields, fields: [{ path: [all], value: \"{{ record.a }}{{ record.b }}{{ record.c }}\" }] }, { type: RemoveFields, field_pointers: [[a], [b], [c], [in]] }]");

        read.Records[0].ShouldBe("""{"id":1,"all":"a1b1c1"}""");
    }

    [Fact]
    public async Task A_record_that_one_request_lacks_is_kept_and_told()
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context, (name, id) => name == "big" && id == 2));

        var read = await ReadAsync(platform, Chunked);

        read.Records.Count.ShouldBe(4);
        read.Records[1].ShouldBe("""{"id":2,"a":"a2","b":"b2","in":{"b":1.10}}""");
        read.Coverage!.Complete.ShouldBeFalse();
        read.Coverage.Cut.ShouldBe(CutReason.FieldsMissing);
        read.Coverage.Evidence.RowsPartial.ShouldBe(1);
        read.Coverage.Detail!.ShouldContain("1 records came without some of their fields");
    }

    [Fact]
    public async Task A_record_that_only_a_later_request_shows_is_kept_too()
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context, (name, id) => name == "a" && id == 2));

        var read = await ReadAsync(platform, Chunked);

        read.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32()).ShouldBe([1, 2, 3, 4]);
        read.Coverage!.Cut.ShouldBe(CutReason.FieldsMissing);
    }

    [Theory]
    [InlineData("query_properties", """
        query_properties:
          type: QueryProperties
          property_list:
            type: PropertiesFromEndpoint
            property_field_path: [name]
            retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: "{{ config['url'] }}/properties" }, record_selector: { extractor: { type: DpathExtractor, field_path: [results] } } }
          property_chunking: { type: PropertyChunking, property_limit_type: characters, property_limit: 8 }
        """, "a,b|c|big")]
    [InlineData("fetch_properties_from_endpoint", """
        fetch_properties_from_endpoint:
          type: PropertiesFromEndpoint
          property_field_path: [name]
          retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: "{{ config['url'] }}/properties" }, record_selector: { extractor: { type: DpathExtractor, field_path: [results] } } }
        """, "a,b,c,big")]
    [InlineData("selected", """
        query_properties:
          type: QueryProperties
          property_list: [a, "{{ 'b' }}"]
          always_include_properties: [a]
          property_selector: { type: JsonSchemaPropertySelector, transformations: [{ type: KeysToLower }] }
        """, "a,b")]
    public async Task Fields_may_be_told_by_the_platform_and_put_anywhere(string _, string properties, string requests)
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context));

        await ReadAsync(platform, properties + "\nrequest_parameters: { props: \"{{ stream_partition.extra_fields['query_properties'] | join(',') }}\" }");

        platform.Requests.Where(request => request.StartsWith("GET /items", StringComparison.Ordinal)).Select(Uri.UnescapeDataString)
            .ShouldBe(requests.Split('|').Select(each => $"GET /items?props={each}").Concat(requests.Split('|').Select(each => $"GET /items?props={each}&after=2")));
        platform.Requests.Count(request => request == "GET /properties").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task Rows_without_the_key_stay_records_of_their_own_and_are_told()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"x":1}]}"""));

        var read = await ReadAsync(platform, Chunked);

        read.Records.Count.ShouldBe(2);
        read.Coverage!.Cut.ShouldBe(CutReason.FieldsMissing);
    }

    [Fact]
    public async Task A_read_of_merged_pages_resumes_at_the_next_page()
    {
        await using var platform = await FakePlatform.StartAsync(context => AnswerAsync(context));
        var connector = Connector.Load(Manifests.OneStream("/items", Paginator, requester: Chunked));

        var first = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default), batchesMax: 1);
        var rest = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(), State = StreamState.Parse(first.State) }, Ports.For(_http), default));

        first.Records.Count.ShouldBe(2);
        rest.Records.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("request_headers: { X: { type: QueryProperties, property_list: [a] } }")]
    [InlineData("query_properties: { type: QueryProperties, property_list: [a] }\nrequest_parameters: { props: { type: QueryProperties, property_list: [a] } }")]
    [InlineData("query_properties: { type: QueryProperties, property_list: [a], property_chunking: { type: PropertyChunking, property_limit_type: words, property_limit: 1 } }")]
    [InlineData("query_properties: { type: QueryProperties, property_list: [a], property_chunking: { type: PropertyChunking, property_limit_type: characters, property_limit: 0 } }")]
    [InlineData("query_properties: { type: QueryProperties }")]
    public void What_makes_no_sense_is_refused(string requester) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", requester: requester)));
}
