using System.Text;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

public sealed class RetrieverTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private Task<ReadResult> ReadAsync(FakePlatform platform, string manifest) =>
        ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

    [Theory]
    [InlineData("{ type: KeyValueExtractor, keys_extractor: { type: DpathExtractor, field_path: [head] }, values_extractor: { type: DpathExtractor, field_path: [cells] } }",
        """{"head":["id","n"],"cells":[1,9007199254740993,2,1.10]}""", """{"id":1,"n":9007199254740993}|{"id":2,"n":1.10}""")]
    [InlineData("{ type: KeyValueExtractor, keys_extractor: { type: DpathExtractor, field_path: [head, '*', name] }, values_extractor: { type: DpathExtractor, field_path: [rows, '*', cells] } }",
        """{"head":[{"name":"id"},{"name":"n"}],"rows":[{"cells":[1,2]},{"cells":[3,null]}]}""", """{"id":1,"n":2}|{"id":3,"n":null}""")]
    [InlineData("{ type: DpathExtractor, field_path: [items], record_expander: { type: RecordExpander, expand_records_from_field: [lines] } }",
        """{"items":[{"id":1,"lines":[{"n":1},{"n":2}]},{"id":2,"lines":[]},{"id":3,"lines":"x"},{"id":4}]}""", """{"n":1}|{"n":2}""")]
    [InlineData("{ type: DpathExtractor, field_path: [items], record_expander: { type: RecordExpander, expand_records_from_field: [lines], on_no_records: emit_parent } }",
        """{"items":[{"id":1,"lines":[{"n":1}]},{"id":2,"lines":[]},{"id":3}]}""", """{"n":1}|{"id":2,"lines":[]}|{"id":3}""")]
    [InlineData("{ type: DpathExtractor, field_path: [items], record_expander: { type: RecordExpander, expand_records_from_field: [\"{{ 'lines' }}\"], remain_original_record: true } }",
        """{"items":[{"id":12345678901234567890,"lines":[{"n":1.10},"x"]}]}""",
        """{"n":1.10,"original_record":{"id":12345678901234567890,"lines":[{"n":1.10},"x"]}}|{"value":"x","original_record":{"id":12345678901234567890,"lines":[{"n":1.10},"x"]}}""")]
    [InlineData("{ type: DpathExtractor, field_path: [items], record_expander: { type: RecordExpander, expand_records_from_field: [sections, '*', lines] } }",
        """{"items":[{"sections":[{"lines":[{"n":1}]},{"lines":[{"n":2}]}]}]}""", """{"n":1}|{"n":2}""")]
    [InlineData("{ type: DpathExtractor, field_path: [data, 'x*'] }", """{"data":{"x1":{"id":1},"y":{"id":2},"x2":[{"id":3}]}}""", """{"id":1}|{"id":3}""")]
    [InlineData("{ type: DpathExtractor, field_path: ['*', items] }", """{"a":{"items":null},"b":{"items":{}},"c":{"items":[{"id":1}]}}""", """{"id":1}""")]
    public async Task Records_are_made_of_what_the_answer_holds(string extractor, string body, string records)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(body));

        var read = await ReadAsync(platform, Manifests.OneStream("/items").Replace("{ type: DpathExtractor, field_path: [items] }", extractor, StringComparison.Ordinal));

        string.Join('|', read.Records).ShouldBe(records);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task Offsets_count_what_the_platform_lists_and_not_what_is_made_of_it()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(context.Query("offset") is "" or "2"
            ? """{"items":[{"lines":[{"n":1},{"n":2},{"n":3}]},{"lines":[]}]}"""
            : """{"items":[]}"""));

        var read = await ReadAsync(platform, Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: offset }
              pagination_strategy: { type: OffsetIncrement, page_size: 2 }
            """).Replace("field_path: [items] }", "field_path: [items], record_expander: { type: RecordExpander, expand_records_from_field: [lines] } }", StringComparison.Ordinal));

        platform.Requests.ShouldBe(["GET /items", "GET /items?offset=2", "GET /items?offset=4"], ignoreOrder: false, customMessage: "rows without keys may be alike by right");
        read.Records.Count.ShouldBe(6);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task Children_whose_first_page_the_parent_brings_are_asked_for_from_the_second()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/parents" => context.Json("""{"items":[{"id":1,"lines":{"items":[{"n":9007199254740993}],"next":"b"}},{"id":2,"lines":{"items":[{"n":2}]}},{"id":3,"lines":"/lines/3"}]}"""),
            "/lines/1" => context.Json("""{"items":[{"n":11}]}"""),
            _ => context.Json("""{"items":[{"n":3}]}"""),
        });

        var read = await ReadAsync(platform, Manifests.OneStream("/lines/{{ stream_slice.parent }}", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
            partition_router:
              type: SubstreamPartitionRouter
              parent_stream_configs:
                - type: ParentStreamConfig
                  parent_key: id
                  partition_field: parent
                  lazy_read_pointer: [lines]
                  stream:
                    type: DeclarativeStream
                    name: parents
                    retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: "{{ config['url'] }}/parents" }, record_selector: { extractor: { type: DpathExtractor, field_path: [items] } } }
            """));

        read.Records.ShouldBe(["""{"n":9007199254740993}""", """{"n":11}""", """{"n":2}""", """{"n":3}"""]);
        platform.Requests.ShouldBe(["GET /parents", "GET /lines/1?page=b", "GET /lines/3"]);
        read.Coverage!.Evidence.Pages.ShouldBe(4);
    }

    [Fact]
    public async Task A_parent_of_several_children_is_read_once_where_the_manifest_wants_that()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(context.Request.Path == "/parents" ? """{"items":[{"id":1},{"id":2}]}""" : """{"items":[{"id":3}]}"""));
        const string Parent = "{ type: DeclarativeStream, name: p, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: \"{{ config['url'] }}/parents\", use_cache: USES }, record_selector: { extractor: { type: DpathExtractor, field_path: [items] } } } }";
        string Manifest(string uses) => Manifests.OneStream("/items/{{ stream_slice.a }}{{ stream_slice.b }}", $$"""
            partition_router:
              type: SubstreamPartitionRouter
              parent_stream_configs:
                - { type: ParentStreamConfig, parent_key: id, partition_field: a, stream: {{Parent}} }
                - { type: ParentStreamConfig, parent_key: id, partition_field: b, stream: {{Parent}} }
            """.Replace("USES", uses, StringComparison.Ordinal));

        var read = await ReadAsync(platform, Manifest("true"));
        read.Records.Count.ShouldBe(4);
        platform.Requests.Count(request => request == "GET /parents").ShouldBe(1);

        await ReadAsync(platform, Manifest("false"));
        platform.Requests.Count(request => request == "GET /parents").ShouldBe(3);
    }

    [Theory]
    [InlineData("url: \"{{ config['url'] }}/a\"", "GET /a ")]
    [InlineData("url: \"{{ config['url'] }}/a/\"\npath: /b", "GET /a/b ")]
    [InlineData("url_base: \"{{ config['url'] }}/a\"\npath: b/", "GET /a/b/ ")]
    [InlineData("url_base: \"{{ config['url'] }}/a?x=1\"", "GET /a?x=1 ")]
    [InlineData("url: \"{{ config['url'] }}\"\npath: \"{{ config['url'] }}/other\"", "GET /other ")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nrequest_parameters: \"b=1&c={{ 1 + 1 }}\"", "GET /a?b=1&c=2 ")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nrequest_parameters: \"{{ {'b': 1, 'c': [2, 3]} }}\"", "GET /a?b=1&c=2&c=3 ")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nhttp_method: POST\nrequest_body: { type: RequestBodyPlainText, value: \"x {{ 1 + 1 }}\" }", "POST /a text/plain; charset=utf-8 x 2")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nhttp_method: POST\nrequest_body: { type: RequestBodyUrlEncodedForm, value: { a: \"{{ 1 }}\", b: [x, y] } }", "POST /a application/x-www-form-urlencoded a=1&b=x&b=y")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nhttp_method: POST\nrequest_body: { type: RequestBodyJsonObject, value: { a: { b: \"{{ [1, 2] }}\" }, c: \"{{ none }}\" } }", "POST /a application/json {\"a\":{\"b\":[1,2]}}")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nhttp_method: POST\nrequest_body: { type: RequestBodyGraphQL, value: { query: \"query { items(first: 10) { id } }\", variables: { n: \"{{ 1 }}\" } } }", "POST /a application/json {\"query\":\"query { items(first: 10) { id } }\",\"variables\":{\"n\":1}}")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nrequest_body_json: { query: all }", "GET /a application/json {\"query\":\"all\"}")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nrequest_body_json: {}", "GET /a ")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nrequest_body_json: {}\nrequest_headers: { Content-Type: application/json }", "GET /a application/json ")]
    [InlineData("url: \"{{ config['url'] }}/a\"\nhttp_method: POST\nrequest_body_data: \"a=1\"", "POST /a text/plain; charset=utf-8 a=1")]
    public async Task A_request_is_put_together_as_the_manifest_says(string requester, string sent)
    {
        var seen = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.ContentType} {await reader.ReadToEndAsync()}".Replace("  ", " ", StringComparison.Ordinal);
            await context.Json("""{"items":[]}""");
        });

        await ReadAsync(platform, Manifests.OneStream("", requester: requester)
            .Replace("        url_base: \"{{ config['url'] }}\"\n        path: \"\"\n", "", StringComparison.Ordinal));

        seen.ShouldBe(sent);
    }

    [Theory]
    [InlineData("{ type: FileUploader, requester: { type: HttpRequester, url: \"{{ download_target }}\", authenticator: { type: BearerAuthenticator, api_token: x } }, download_target_extractor: { type: DpathExtractor, field_path: [file, url] }, filename_extractor: \"{{ record.file.name }}\" }", "file.url", "file.name", true)]
    [InlineData("{ type: FileUploader, requester: { type: HttpRequester, url: \"{{download_target}}\" }, download_target_extractor: { type: DpathExtractor, field_path: [url] }, filename_extractor: \"{{ record.id }}_{{ record.name }}/\" }", "url", null, false)]
    public void A_file_of_each_record_is_an_attachment(string uploader, string url, string? name, bool needsCredentials)
    {
        var stream = Connector.Load(Manifests.OneStream("/items", stream: $"file_uploader: {uploader}")).Streams[0];

        var file = stream.Extensions.Attachments.ShouldHaveSingleItem();
        file.Url.ToString().ShouldBe(url);
        file.Name?.ToString().ShouldBe(name);
        file.NeedsCredentials.ShouldBe(needsCredentials);
    }

    [Theory]
    [InlineData("{ type: FileUploader, requester: { type: HttpRequester, url: \"{{ download_target }}\" }, download_target_extractor: { type: DpathExtractor, field_path: [url] }, file_extractor: { type: DpathExtractor, field_path: [data] } }", "file_uploader.file_extractor")]
    [InlineData("{ type: FileUploader, requester: { type: HttpRequester, url: \"https://x.test/{{ download_target }}\" }, download_target_extractor: { type: DpathExtractor, field_path: [url] } }", "file_uploader.requester")]
    public void A_file_that_is_more_than_an_address_is_refused_with_the_reason(string uploader, string path) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", stream: $"file_uploader: {uploader}"))).Problems
            .ShouldContain(problem => problem.Path.EndsWith(path, StringComparison.Ordinal) && problem.Kind == ManifestProblemKind.NotSupportedYet);

    [Fact]
    public async Task A_body_with_a_mark_is_read()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Response.Body.WriteAsync((byte[])[.. Encoding.UTF8.Preamble, .. "{\"items\":[{\"id\":\"ä\"}]}"u8]).AsTask());

        (await ReadAsync(platform, Manifests.OneStream("/items"))).Records.ShouldBe(["""{"id":"ä"}"""]);
    }
}
