using System.Text;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

public sealed class AuthenticationTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private async Task<ReadResult> ReadAsync(FakePlatform platform, string authenticator, object? config = null, ITokenSource? tokens = null) => await ReadResult.Of(
        Connector.Load(Manifests.OneStream("/items", requester: authenticator))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(config) }, Ports.For(_http) with { Tokens = tokens }, default));

    [Theory]
    [InlineData("authenticator: { type: ApiKeyAuthenticator, api_token: \"{{ config['key'] }}\", inject_into: { type: RequestOption, inject_into: header, field_name: X-Key } }", "X-Key", "0042")]
    [InlineData("authenticator: { type: BearerAuthenticator, api_token: \"{{ config['key'] }}\" }", "Authorization", "Bearer 0042")]
    [InlineData("authenticator: { type: BasicHttpAuthenticator, username: \"{{ config['key'] }}\", password: x }", "Authorization", "Basic MDA0Mjp4")]
    [InlineData("authenticator: { type: SelectiveAuthenticator, authenticator_selection_path: [how], authenticators: { a: { type: NoAuth }, b: { type: BearerAuthenticator, api_token: chosen } } }", "Authorization", "Bearer chosen")]
    public async Task A_credential_goes_where_the_manifest_says_and_stays_text(string authenticator, string header, string value)
    {
        string? seen = null;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            seen = context.Request.Headers[header];
            return context.Json("""{"items":[]}""");
        });

        await ReadAsync(platform, authenticator, new { key = "0042", how = "b" });

        seen.ShouldBe(value);
    }

    private const string OAuth = """
        authenticator:
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/token"
          client_id: me
          client_secret: mine
          refresh_token: "{{ config['refresh_token'] }}"
          refresh_token_updater: {}
        """;

    [Fact]
    public async Task A_rotating_refresh_token_is_spent_once_each()
    {
        var (refresh, access) = ("r0", "none");
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (context.Request.Path == "/token")
            {
                var form = await context.Request.ReadFormAsync();
                if (form["refresh_token"] != refresh || form["client_secret"] != "mine" || form["grant_type"] != "refresh_token")
                {
                    await context.Json("{}", 400);
                    return;
                }

                (refresh, access) = (refresh + "x", "a" + refresh.Length);
                await context.Json($$"""{"access_token":"{{access}}","refresh_token":"{{refresh}}","expires_in":3600}""");
                return;
            }

            await (context.Request.Headers.Authorization == $"Bearer {access}" ? context.Json("""{"items":[{"id":1}]}""") : context.Json("{}", 401));
        });
        using var tokens = new MemoryTokens(TimeProvider.System);

        await ReadAsync(platform, OAuth, new { refresh_token = "r0" }, tokens);
        await ReadAsync(platform, OAuth, new { refresh_token = "r0" }, tokens);
        platform.Requests.Count(request => request.Contains("/token")).ShouldBe(1);

        // The platform ends the token early: it is renewed once with the rotated refresh token.
        access = "ended";
        (await ReadAsync(platform, OAuth, new { refresh_token = "r0" }, tokens)).Records.Count.ShouldBe(1);
        platform.Requests.Count(request => request.Contains("/token")).ShouldBe(2);
    }

    [Fact]
    public async Task A_grant_that_is_gone_needs_a_person()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"error":"invalid_grant"}""", 400));

        var exception = await Should.ThrowAsync<PlatformUnauthorizedException>(() => ReadAsync(platform, OAuth, new { refresh_token = "secret-refresh" }));

        exception.ToString().ShouldNotContain("secret-refresh");
        exception.MayPassLater.ShouldBeFalse();
    }

    [Fact]
    public async Task A_login_brings_the_token_and_is_repeated_when_it_ends()
    {
        var logins = 0;
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/login"
            ? context.Json($$"""{"data": {"token":"t{{++logins}}"} }""")
            : context.Request.Headers["X-Session"] == "t2" ? context.Json("""{"items":[{"id":1}]}""") : context.Json("{}", 401));

        var read = await ReadAsync(platform, """
            authenticator:
              type: SessionTokenAuthenticator
              login_requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /login, http_method: POST, request_body_json: { user: "{{ config['url'] }}" } }
              session_token_path: [data, token]
              request_authentication: { type: ApiKey, inject_into: { type: RequestOption, inject_into: header, field_name: X-Session } }
            """);

        read.Records.Count.ShouldBe(1);
        logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_signed_token_is_one_that_the_receiver_can_check()
    {
        var token = "";
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            token = context.Request.Headers.Authorization.ToString()["Bearer ".Length..];
            return context.Json("""{"items":[]}""");
        });

        await ReadAsync(platform, "authenticator: { type: JwtAuthenticator, secret_key: \"{{ config['key'] }}\", algorithm: HS256, header_prefix: Bearer, jwt_payload: { iss: me } }", new { key = "k" });

        var parts = token.Split('.');
        System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.HMACSHA256.HashData("k"u8, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"))).ShouldBe(parts[2]);
        Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).ShouldStartWith("""{"iss":"me","iat":""");
    }

    [Fact]
    public async Task A_key_in_hexadecimal_signs_with_the_bytes_that_it_means()
    {
        var token = "";
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            token = context.Request.Headers.Authorization.ToString().Split(' ')[1];

            return context.Json("""{"items":[]}""");
        });
        const string authenticator = "authenticator: { type: JwtAuthenticator, secret_key: \"{{ config['key'] }}\", algorithm: HS256, header_prefix: Ghost, x-listbackup: { secret_key: hex } }";

        await ReadAsync(platform, authenticator, new { key = "00ff80" });
        var refused = await Should.ThrowAsync<ConfigException>(() => ReadAsync(platform, authenticator, new { key = "not hex" }));

        var parts = token.Split('.');
        System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.HMACSHA256.HashData(Convert.FromHexString("00ff80"), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"))).ShouldBe(parts[2]);
        refused.Message.ShouldNotContain("not hex");
    }

    [Fact]
    public async Task A_shared_budget_holds_requests_back()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[]}"""));
        var waits = new RememberedWaits();
        var budget = new CountedBudget();
        var connector = Connector.Load(Manifests.OneStream("/items"));

        await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, waits) with { RateBudget = budget }, default));
        waits.Waits.ShouldBe([(TimeSpan.FromSeconds(3), WaitReason.Budget)]);

        budget.Wait = TimeSpan.FromHours(1);
        var exception = await Should.ThrowAsync<PlatformRateLimitedException>(() => ReadResult.Of(
            connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, waits) with { RateBudget = budget }, default)));
        exception.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        platform.Requests.Count.ShouldBe(1);
    }

    private sealed class CountedBudget : IRateBudget
    {
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(3);

        public ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation)
        {
            var wait = Wait;
            Wait = TimeSpan.Zero;

            return new(new BudgetWait(wait));
        }

        public ValueTask ReportAsync(RateReport report, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
