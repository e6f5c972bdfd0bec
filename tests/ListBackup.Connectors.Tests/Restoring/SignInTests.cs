using System.Text;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>Platforms that know a client by cookies, hand out tokens for writing, and refuse with a good status.</summary>
public sealed class SignInTests : IDisposable
{
    private const string Requester = """
        authenticator:
          type: SessionTokenAuthenticator
          login_requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /login, http_method: POST }
          session_token_path: [token]
          request_authentication: { type: ApiKey, inject_into: { type: RequestOption, inject_into: header, field_name: X-Session } }
        """;

    private const string Restore = """
        version: 1
        tokens:
          csrf: { path: /token, field: [csrf], expired_when: "{{ response.get('error') == 'bad token' }}" }
        streams:
          items:
            create: { path: /items, form: { name: "{{ record.name }}", token: "{{ tokens.csrf }}" }, refused_when: "{{ 'error' in response }}" }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private RestoreTarget Target(FakePlatform platform) => RestoreManifest
        .Load(Restore, Connector.Load(Manifests.OneStream("/items", requester: Requester, more: "x-listbackup: { session: { cookies: true } }")))
        .Target(platform.Config(), Ports.For(_http));

    private static WriteRequest Create(string name) => new()
    {
        Stream = "items",
        Kind = WriteKind.Create,
        Record = new RestoreRecord(Encoding.UTF8.GetBytes($$"""{"id":1,"name":"{{name}}"}"""), SameIds.Instance),
        IdempotencyKey = name,
    };

    [Fact]
    public async Task A_restore_signs_in_once_and_keeps_the_cookies_for_all_its_records()
    {
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            switch (context.Request.Path)
            {
                case "/login":
                    context.Response.Headers.SetCookie = Microsoft.Extensions.Primitives.StringValues.Concat(context.Response.Headers.SetCookie, "sid=s1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT; HttpOnly");
                    context.Response.Headers.SetCookie = Microsoft.Extensions.Primitives.StringValues.Concat(context.Response.Headers.SetCookie, "lang=en; Path=/");
                    await context.Json("""{"token":"t1"}""");
                    break;
                case "/token":
                    await context.Json(context.Request.Cookies["sid"] == "s1" ? """{"csrf":"c1"}""" : "{}");
                    break;
                default:
                    var isKnown = context.Request.Cookies["sid"] == "s1" && context.Request.Cookies["lang"] == "en" && context.Request.Form["token"] == "c1";
                    await context.Json(isKnown ? """{"id":7}""" : """{"error":"who are you"}""");
                    break;
            }
        });
        var target = Target(platform);

        var outcomes = new[] { await target.WriteAsync(Create("one"), default), await target.WriteAsync(Create("two"), default) };

        outcomes.ShouldAllBe(outcome => outcome.Result == WriteResult.Created && outcome.NewId == "7");
        platform.Requests.ShouldBe(["POST /login", "GET /token", "POST /items", "POST /items"]);
    }

    [Fact]
    public async Task A_token_that_is_over_is_asked_for_anew_and_the_write_repeated_once()
    {
        var current = 0;
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/login" => context.Json("""{"token":"t1"}"""),
            "/token" => context.Json($$"""{"csrf":"c{{++current}}"}"""),
            _ => context.Json(context.Request.Form["token"] == "c2" ? """{"id":7}""" : """{"error":"bad token"}"""),
        });

        var outcome = await Target(platform).WriteAsync(Create("one"), default);

        outcome.Result.ShouldBe(WriteResult.Created);
        platform.Requests.ShouldBe(["POST /login", "GET /token", "POST /items", "GET /token", "POST /items"]);
    }

    [Fact]
    public async Task A_refusal_with_a_good_status_is_this_records_own_outcome()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/login" => context.Json("""{"token":"t1"}"""),
            "/token" => context.Json("""{"csrf":"c1"}"""),
            _ => context.Json("""{"error":"the name is taken by Ann"}"""),
        });

        var outcome = await Target(platform).WriteAsync(Create("one"), default);

        outcome.Result.ShouldBe(WriteResult.Refused);
        outcome.Reason.ShouldNotBeNull().ShouldNotContain("Ann");
    }

    [Fact]
    public async Task Cookies_are_not_kept_where_the_connector_does_not_ask_for_them()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = Microsoft.Extensions.Primitives.StringValues.Concat(context.Response.Headers.SetCookie, "sid=s1");
            return context.Request.Path == "/login" ? context.Json("""{"token":"t1"}""") : context.Json($$"""{"items":[{"id":1,"cookies":{{context.Request.Cookies.Count}}}]}""");
        });
        var connector = Connector.Load(Manifests.OneStream("/items", requester: Requester));

        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        read.Records.ShouldBe(["""{"id":1,"cookies":0}"""]);
    }
}
