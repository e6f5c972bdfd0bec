using System.Collections.Concurrent;
using ListBackup.Connectors.Reading;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Requests;

/// <summary>Platforms and customers name hosts; only those that manifest and configuration name see what is secret.</summary>
public sealed class CredentialHostTests : IDisposable
{
    private const string Secret = "very-secret-key";

    private const string Signed = """
        authenticator: { type: BearerAuthenticator, api_token: "{{ config['key'] }}" }
        request_headers: { X-Api-Key: "{{ config['key'] }}" }
        request_parameters: { api_key: "{{ config['key'] }}" }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private Task<ReadResult> ReadAsync(FakePlatform platform, string manifest) => ReadResult.Of(Connector.Load(manifest).ReadAsync(
        new ReadRequest { Stream = "items", Config = platform.Config(new { key = Secret }) }, Ports.For(_http), TestContext.Current.CancellationToken));

    private static string Linked(string requester) => Manifests.OneStream("/items", requester: requester, retriever: """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestPath }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.get('next') }}", stop_condition: "{{ not response.get('next') }}" }
        """);

    [Fact]
    public async Task A_next_page_on_another_host_is_asked_for_bare()
    {
        var seen = new Seen();
        await using var other = await FakePlatform.StartAsync(context => seen.Answer(context, """{"items":[{"id":2}]}"""));
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"items":[{"id":1}],"next":"{{other.Url}}/items?page=2"}"""));

        var read = await ReadAsync(platform, Linked(Signed));

        read.Records.ShouldBe(["""{"id":1}""", """{"id":2}"""]);
        other.Requests.ShouldBe(["GET /items?page=2"]);
        seen.All.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task What_a_foreign_host_sets_as_a_cookie_does_not_come_to_the_platform()
    {
        var cookies = new ConcurrentQueue<string>();
        await using var other = await FakePlatform.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = "foreign=1";
            return context.Json("""{"items":[{"id":1}],"next":"page2"}""");
        });
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            cookies.Enqueue(context.Request.Headers.Cookie.ToString());
            if (context.Request.Path == "/items")
            {
                context.Response.Headers.SetCookie = "own=1";
                context.Response.Redirect($"{other.Url}/items");
            }
            else
            {
                await context.Json("""{"items":[{"id":2}]}""");
            }
        });

        var read = await ReadAsync(platform, Linked("") + "\nx-listbackup: { session: { cookies: true } }");

        read.Records.Count.ShouldBe(2);
        cookies.Count.ShouldBe(2);
        cookies.ShouldAllBe(sent => !sent.Contains("foreign"));
    }

    [Fact]
    public async Task A_next_page_on_the_own_host_is_asked_for_with_everything()
    {
        var seen = new Seen();
        await using var platform = await FakePlatform.StartAsync(context => context.Query("page") == "2"
            ? seen.Answer(context, """{"items":[{"id":2}]}""")
            : context.Json($$"""{"items":[{"id":1}],"next":"http://{{context.Request.Host}}/items?page=2"}"""));

        await ReadAsync(platform, Linked(Signed));

        seen.All.ShouldContain($"Authorization: Bearer {Secret}");
        seen.All.ShouldContain($"X-Api-Key: {Secret}");
        seen.All.ShouldContain($"api_key={Secret}");
    }

    [Fact]
    public async Task Parameters_written_as_one_text_stay_at_home_too()
    {
        var seen = new Seen();
        await using var other = await FakePlatform.StartAsync(context => seen.Answer(context, """{"items":[]}"""));
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"items":[{"id":1}],"next":"{{other.Url}}/items"}"""));

        await ReadAsync(platform, Linked("request_parameters: \"api_key={{ config['key'] }}\""));

        platform.Requests.ShouldBe([$"GET /items?api_key={Secret}"]);
        seen.All.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task A_redirect_to_another_host_carries_neither_headers_nor_body(int status)
    {
        var seen = new Seen();
        await using var other = await FakePlatform.StartAsync(context => seen.Answer(context, """{"items":[]}"""));
        await using var platform = await FakePlatform.StartAsync(context => Redirect(context, status, other.Url));

        await ReadAsync(platform, Manifests.OneStream("/items", requester: $$$"""
            {{{Signed}}}
            http_method: POST
            request_body_json: { password: "{{ config['key'] }}" }
            """));

        other.Requests.Count.ShouldBe(1);
        seen.All.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_redirect_back_home_does_not_bring_the_credentials_back()
    {
        var (seen, home) = (new Seen(), "");
        await using var other = await FakePlatform.StartAsync(context => Redirect(context, 302, $"{home}/items?again=1"));
        await using var platform = await FakePlatform.StartAsync(context => context.Query("again") == "1" ? seen.Answer(context, """{"items":[]}""") : Redirect(context, 302, other.Url));
        home = platform.Url;

        await ReadAsync(platform, Manifests.OneStream("/items", requester: Signed));

        seen.All.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_refusal_of_a_bare_request_says_why_it_was_bare()
    {
        await using var other = await FakePlatform.StartAsync(context => context.Json("{}", 401));
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"items":[{"id":1}],"next":"{{other.Url}}/items"}"""));

        var exception = await Should.ThrowAsync<PlatformUnauthorizedException>(() => ReadAsync(platform, Linked(Signed)));

        exception.Message.ShouldContain("without credentials");
        other.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("https://api.example.com/v1", "https://api.example.com/v1/items?page=2", "own", "")]
    [InlineData("https://api.example.com/v1", "https://API.example.com:443/x", "own", "")]
    [InlineData("https://api.example.com/v1", "https://files.example.com/x", "foreign", "")]
    [InlineData("https://api.example.com/v1", "https://example.com/x", "foreign", "")]
    [InlineData("https://api.example.com/v1", "https://api.example.com.evil.net/x", "foreign", "")]
    [InlineData("https://api.example.com/v1", "https://api.example.com@evil.net/x", "foreign", "")]
    [InlineData("https://api.example.com/v1", "https://api.example.com:8443/x", "foreign", "")]
    [InlineData("https://api.example.com/v1", "http://api.example.com/x?a=1%2F2", "own", "https://api.example.com/x?a=1%2F2")]
    [InlineData("https://api.example.com/v1", "http://other.example.com/x", "refused", "")]
    [InlineData("https://api.example.com/v1", "http://api.example.com:8080/x", "refused", "")]
    [InlineData("{{ config['url'] }}", "https://shop.example.com/x", "own", "")]
    [InlineData("http://api.example.com", "https://api.example.com/x", "own", "")]
    [InlineData("http://api.example.com:8080", "https://api.example.com:8080/x", "own", "")]
    [InlineData("http://api.example.com:8080", "https://api.example.com/x", "foreign", "")]
    [InlineData("http://api.example.com", "ftp://api.example.com/x", "foreign", "")]
    [InlineData("{{ config['url'] }}", "https://www.shop.example.com/x", "foreign", "")]
    [InlineData("https://{{ config['tenant'] }}.example.com", "https://acme.example.com/x", "own", "")]
    [InlineData("https://{{ config['tenant'] }}.example.com", "https://evil.example.com/x", "foreign", "")]
    [InlineData("https://{{ stream_partition['region'] }}.api.example.com", "https://us7.api.example.com/x", "own", "")]
    [InlineData("https://{{ stream_partition['region'] }}.api.example.com", "https://evil.net/.api.example.com", "foreign", "")]
    [InlineData("https://{{ stream_partition['region'] }}.com", "https://evil.com/x", "foreign", "")]
    [InlineData("http://{{ stream_partition['region'] }}.api.example.com", "http://us7.api.example.com/x", "foreign", "")]
    [InlineData("https://api.example.com/{{ stream_partition['a'].upper() }}", "https://api.example.com/x", "own", "")]
    [InlineData("{{ stream_partition['url'] }}", "https://evil.net/x", "foreign", "")]
    public void Own_is_what_manifest_and_configuration_name(string urlBase, string link, string verdict, string rewritten)
    {
        var requester = Components.Parse($"{{ type: HttpRequester, url_base: \"{urlBase}\" }}", HttpRequester.Parse);
        var context = new Expressions.ExpressionContext(TimeProvider.System)
            .Set(Expressions.Variable.Config, Expressions.ValueJson.Parse("""{"url":"https://shop.example.com/api/","tenant":"acme"}"""))
            .Set(Expressions.Variable.StreamSlice, Expressions.Value.Of(new Expressions.ValueMap()));
        var parts = new RequestParts { Method = HttpMethod.Get, Url = link };

        if (verdict == "refused")
        {
            Should.Throw<TransportException>(() => new OwnHosts(context).Check(requester, parts));
            return;
        }

        new OwnHosts(context).Check(requester, parts);

        parts.IsForeign.ShouldBe(verdict == "foreign");
        parts.Url.ShouldBe(rewritten.Length > 0 ? rewritten : link);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_of_a_report_is_asked_for_with_credentials_only_where_the_report_was_ordered(bool elsewhere)
    {
        var seen = new Seen();
        await using var other = await FakePlatform.StartAsync(context => seen.Answer(context, """{"id":1}"""));
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/file" => seen.Answer(context, """{"id":1}"""),
            _ => context.Json($$"""{"id":"r1","state":"done","file":"{{(elsewhere ? other.Url : $"http://{context.Request.Host}")}}/file"}"""),
        });

        var read = await ReadAsync(platform, """
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [items] }
            definitions:
              signed: { type: HttpRequester, authenticator: { type: BearerAuthenticator, api_token: "{{ config['key'] }}" } }
            streams:
              - type: DeclarativeStream
                name: items
                retriever:
                  type: AsyncRetriever
                  status_mapping: { type: AsyncJobStatusMap, running: [queued], completed: [done], failed: [broken], timeout: [late] }
                  status_extractor: { type: DpathExtractor, field_path: [state] }
                  download_target_extractor: { type: DpathExtractor, field_path: [file] }
                  creation_requester: { $ref: '#/definitions/signed', url_base: "{{ config['url'] }}", path: /reports, http_method: POST }
                  polling_requester: { $ref: '#/definitions/signed', url_base: "{{ config['url'] }}", path: /reports/r1 }
                  download_requester: { $ref: '#/definitions/signed', url: "{{ download_target }}" }
                  download_decoder: { type: JsonlDecoder }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
            """);

        read.Records.ShouldBe(["""{"id":1}"""]);
        seen.All.Contains(Secret).ShouldBe(!elsewhere);
    }

    private static Task Redirect(HttpContext context, int status, string to)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = to;

        return Task.CompletedTask;
    }

    /// <summary>All that a server was told.</summary>
    private sealed class Seen
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string All => string.Join('\n', _lines);

        public async Task Answer(HttpContext context, string json)
        {
            using var reader = new StreamReader(context.Request.Body);
            _lines.Enqueue($"{context.Request.Path}{context.Request.QueryString}");
            foreach (var (name, value) in context.Request.Headers)
                _lines.Enqueue($"{name}: {value}");
            _lines.Enqueue(await reader.ReadToEndAsync());
            await context.Json(json);
        }
    }
}
