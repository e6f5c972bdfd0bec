using System.Net;
using System.Text.RegularExpressions;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms.Tests;

/// <summary>Connecting at the demo CRM's own pages, with a browser of this test between the two.</summary>
public sealed class OAuthFlowTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_who_agrees_comes_back_connected()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = await CreateAsync(platforms);
        (await platforms.PostAsync($"{path}/test")).ShouldBe(HttpStatusCode.Conflict, "connection-waiting");

        var (authorize, cookie) = await StartAsync(platforms, path);
        authorize.ShouldContain("code_challenge_method=S256");
        var back = await BrowseAsync(platforms, authorize, agrees: true);
        var page = await ReturnAsync(platforms, back, cookie);

        page.ShouldBe(HttpStatusCode.OK);
        page.Body.ShouldContain("Connected");
        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeTrue();
        var scopes = (await platforms.GetAsync($"{path}/scopes")).Json;
        scopes["missing"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_flow_that_a_customers_manifest_writes_itself_connects_too()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var manifest = (await platforms.PostAsync(platforms.Manifests, new { name = "Mine", manifest = WithItsOwnFlow() })).ShouldBe(HttpStatusCode.Created).Text("id");
        var client = platforms.Demo.Options.Client;
        var created = await platforms.PostAsync(platforms.Connections, new
        {
            name = "Mine",
            platform = manifest,
            config = new { url = platforms.Demo.BaseUrl, credentials = new { auth_type = "oauth", client_id = client.Id, client_secret = client.Secret } },
        });
        var path = $"{platforms.Connections}/{created.ShouldBe(HttpStatusCode.Created).Text("id")}";

        var (authorize, cookie) = await StartAsync(platforms, path);
        var page = await ReturnAsync(platforms, await BrowseAsync(platforms, authorize, agrees: true), cookie);

        authorize.ShouldStartWith($"{platforms.Demo.BaseUrl}/oauth/authorize?");
        page.ShouldBe(HttpStatusCode.OK);
        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task The_way_back_works_once_and_in_the_same_browser_only()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = await CreateAsync(platforms);

        var (first, firstCookie) = await StartAsync(platforms, path);
        var back = await BrowseAsync(platforms, first, agrees: true);
        (await ReturnAsync(platforms, back, cookie: null)).ShouldBe(HttpStatusCode.BadRequest);
        (await ReturnAsync(platforms, back, firstCookie)).ShouldBe(HttpStatusCode.BadRequest);

        var (second, secondCookie) = await StartAsync(platforms, path);
        var again = await BrowseAsync(platforms, second, agrees: true);
        (await ReturnAsync(platforms, again, secondCookie)).ShouldBe(HttpStatusCode.OK);
        (await ReturnAsync(platforms, again, secondCookie)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_person_who_declines_stays_unconnected_and_sees_nothing_that_came_along()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = await CreateAsync(platforms);
        var (authorize, cookie) = await StartAsync(platforms, path);

        var back = await BrowseAsync(platforms, authorize, agrees: false);
        var page = await ReturnAsync(platforms, back + "&error_description=%3Cscript%3E", cookie);

        page.ShouldBe(HttpStatusCode.BadRequest);
        page.Body.ShouldNotContain("script");
        (await platforms.GetAsync($"{path}/health")).Json["state"]!.ToString().ShouldBe("waiting");
    }

    [Fact]
    public async Task Deleting_revokes_the_grant_at_the_platform()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = await CreateAsync(platforms);
        var (authorize, cookie) = await StartAsync(platforms, path);
        await ReturnAsync(platforms, await BrowseAsync(platforms, authorize, agrees: true), cookie);
        var id = ConnectionId.Parse(path[(path.LastIndexOf('/') + 1)..]);
        var grant = await platforms.Api.Get<StoredConnections>().TokensOf(platforms.Account, id).FindAsync(Cancellation);
        (await CallAsync(platforms, grant!.AccessToken)).ShouldBe(HttpStatusCode.OK);

        (await platforms.Api.SendAsync(HttpMethod.Delete, path, token: platforms.Token)).ShouldBe(HttpStatusCode.NoContent);

        (await CallAsync(platforms, grant.AccessToken)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <summary>The demo CRM's manifest with its flow in the language's own words instead of ours.</summary>
    private static string WithItsOwnFlow()
    {
        var text = File.ReadAllText(Path.Combine(BuildOutput.Root, "connectors", "demo", "manifest.yaml"));
        var (start, end) = (text.IndexOf("  oauth:\n    authorize_url", StringComparison.Ordinal), text.IndexOf("  streams:\n    account:", StringComparison.Ordinal));
        return text.Remove(start, end - start).Replace("\nx-listbackup:", """

              advanced_auth:
                auth_flow_type: oauth2.0
                predicate_key: [credentials, auth_type]
                predicate_value: oauth
                oauth_config_specification:
                  oauth_user_input_from_connector_config_specification: { type: object, properties: { address: { type: string, path_in_connector_config: [url] } } }
                  oauth_connector_input_specification:
                    consent_url: "{{ address }}/oauth/authorize?{{client_id_key}}={{client_id_value}}&{{redirect_uri_key}}={{ {{redirect_uri_value}} | urlEncoder }}&{{scope_key}}={{ {{scope_value}} | urlEncoder }}&{{state_key}}={{state_value}}&response_type=code&code_challenge={{ {{state_value}} | codeChallengeS256 }}&code_challenge_method=S256"
                    scope: crm.read crm.write
                    access_token_url: "{{ address }}/oauth/token"
                    access_token_headers: { Content-Type: application/x-www-form-urlencoded }
                    access_token_params: { grant_type: authorization_code, "{{ auth_code_key }}": "{{ auth_code_value }}", "{{ client_id_key }}": "{{ client_id_value }}", "{{ client_secret_key }}": "{{ client_secret_value }}", "{{ redirect_uri_key }}": "{{ redirect_uri_value }}", code_verifier: "{{ state_value }}" }
                  complete_oauth_output_specification: { properties: { refresh_token: { type: string, path_in_connector_config: [credentials, refresh_token] } } }
                  complete_oauth_server_output_specification: { properties: { client_id: { path_in_connector_config: [credentials, client_id] }, client_secret: { path_in_connector_config: [credentials, client_secret] } } }
            x-listbackup:
            """, StringComparison.Ordinal);
    }

    private static async Task<string> CreateAsync(PlatformApi platforms)
    {
        var created = (await platforms.PostAsync(platforms.Connections, platforms.ByOAuth())).ShouldBe(HttpStatusCode.Created);
        created.Json["health"]!["state"]!.ToString().ShouldBe("waiting");
        return $"{platforms.Connections}/{created.Text("id")}";
    }

    private static async Task<(string Authorize, string Cookie)> StartAsync(PlatformApi platforms, string path)
    {
        var started = (await platforms.PostAsync($"{path}/oauth")).ShouldBe(HttpStatusCode.OK);
        var cookie = started.Headers["Set-Cookie"].Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        return (started.Text("authorizeUrl"), cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]);
    }

    /// <summary>Signs in at the demo CRM, answers its question, and returns the path that it sends the browser back to.</summary>
    private static async Task<string> BrowseAsync(PlatformApi platforms, string authorize, bool agrees)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true }) { BaseAddress = new(platforms.Demo.BaseUrl) };
        var request = RequestOf(await browser.GetStringAsync(authorize, Cancellation));
        using var login = Form(("request", request), ("email", platforms.Demo.Options.UserEmail), ("password", platforms.Demo.Options.UserPassword));
        using var asked = await browser.PostAsync("/oauth/login", login, Cancellation);
        using var decision = Form(("request", RequestOf(await asked.Content.ReadAsStringAsync(Cancellation))), ("decision", agrees ? "allow" : "deny"));
        using var answer = await browser.PostAsync("/oauth/consent", decision, Cancellation);
        var location = answer.Headers.Location ?? throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(Cancellation));
        location.GetLeftPart(UriPartial.Path).ShouldBe("http://localhost:8080/v1/oauth/callback");
        return location.PathAndQuery;
    }

    private static Task<ApiAnswer> ReturnAsync(PlatformApi platforms, string path, string? cookie) =>
        platforms.Api.SendAsync(HttpMethod.Get, path, null, null, cookie is null ? [] : [("Cookie", cookie)]);

    private static async Task<HttpStatusCode> CallAsync(PlatformApi platforms, string accessToken)
    {
        using var http = new HttpClient { BaseAddress = new(platforms.Demo.BaseUrl) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        using var answer = await http.GetAsync("/api/v1/contacts", Cancellation);
        return answer.StatusCode;
    }

    private static string RequestOf(string page) =>
        Regex.Match(page, "name=\"request\" value=\"([^\"]+)\"") is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException(page);

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
