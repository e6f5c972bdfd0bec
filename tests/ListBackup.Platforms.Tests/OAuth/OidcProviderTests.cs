using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Platforms.Tests;

/// <summary>The code flow and what comes after it, against an OpenID provider that somebody else wrote: PKCE is required, refresh tokens rotate and are good once.</summary>
[Trait("Stage", "platforms")]
public sealed class OidcProviderTests(OidcProvider provider) : IClassFixture<OidcProvider>
{
    // Five pages of four: scripts/lib/oidc/server.mjs.
    private const int Records = 20;
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("listbackup", "post-secret", false)]
    [InlineData("listbackup:basic", "a secret/with+%:signs", true)]
    public async Task A_person_signs_in_agrees_and_the_connection_reads(string client, string secret, bool inHeader)
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms, client, secret, inHeader);

        (await ConnectAsync(platforms, path)).ShouldBe(HttpStatusCode.OK);

        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeTrue();
        (await platforms.GetAsync(path)).Json["scopes"]!.AsArray().Select(s => s!.ToString()).ShouldBe(["openid", "offline_access"]);
        (await ReadAsync(await OpenAsync(platforms, path))).ShouldBe(Records);
    }

    [Fact]
    public async Task Without_a_proof_the_provider_gives_no_code()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms, pkce: false);

        (await ConnectAsync(platforms, path)).ShouldBe(HttpStatusCode.BadRequest);

        (await platforms.GetAsync($"{path}/health")).Json["state"]!.ToString().ShouldBe("waiting");
    }

    [Fact]
    public async Task A_code_is_worth_nothing_with_another_attempts_proof()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        var (first, _) = await BeginAsync(platforms, path);
        var (second, cookie) = await BeginAsync(platforms, path);
        var (stolen, back) = (Query(await OidcProvider.BrowseAsync(first)), Query(await OidcProvider.BrowseAsync(second)));

        var page = await ReturnAsync(platforms, $"/v1/oauth/callback?code={stolen["code"]}&state={back["state"]}", cookie);

        page.ShouldBe(HttpStatusCode.BadRequest);
        page.Body.ShouldContain("did not accept");
        (await platforms.GetAsync($"{path}/health")).Json["state"]!.ToString().ShouldBe("waiting");
    }

    [Fact]
    public async Task A_token_that_ends_between_two_pages_is_renewed_and_no_record_is_missed_or_read_twice()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        await ConnectAsync(platforms, path);
        var before = await GrantAsync(platforms, path);
        var refreshes = await provider.ControlAsync("expire-at?page=3");

        (await ReadAsync(await OpenAsync(platforms, path))).ShouldBe(Records);

        (await provider.ControlAsync("refreshes")).ShouldBe(refreshes + 1);
        var after = await GrantAsync(platforms, path);
        after.AccessToken.ShouldNotBe(before.AccessToken);
        after.RefreshToken.ShouldNotBe(before.RefreshToken);
    }

    [Fact]
    public async Task Workers_that_meet_a_dead_token_at_the_same_time_spend_the_refresh_token_once()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        await ConnectAsync(platforms, path);
        var workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(platforms, path)));
        foreach (var worker in workers) (await ReadAsync(worker)).ShouldBe(Records);
        var refreshes = await provider.ControlAsync("expire");

        // Twice, the provider would end the whole grant: a spent token that comes back is a stolen one.
        (await Task.WhenAll(workers.Select(ReadAsync))).ShouldAllBe(count => count == Records);

        (await provider.ControlAsync("refreshes")).ShouldBe(refreshes + 1);
    }

    [Fact]
    public async Task A_spent_refresh_token_that_comes_back_ends_the_grant_and_the_connection_asks_for_a_person()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        await ConnectAsync(platforms, path);
        var spent = (await GrantAsync(platforms, path)).RefreshToken!;
        await provider.ControlAsync("expire");
        (await ReadAsync(await OpenAsync(platforms, path))).ShouldBe(Records);

        (await provider.RefreshAsync(spent)).ShouldBe((400, "invalid_grant"));

        // Whoever meets it first is told so by the provider; whoever comes after that, by us.
        await ShouldAskForAPersonAsync(platforms, path, "refused the credentials");
        await ShouldAskForAPersonAsync(platforms, path, "Reconnect");
    }

    [Fact]
    public async Task A_grant_that_was_withdrawn_fails_the_read_and_a_new_sign_in_brings_the_connection_back()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        await ConnectAsync(platforms, path);
        await provider.ControlAsync("revoke");

        var refused = await Should.ThrowAsync<PlatformUnauthorizedException>(async () => await ReadAsync(await OpenAsync(platforms, path)));
        refused.MayPassLater.ShouldBeFalse();
        await ShouldAskForAPersonAsync(platforms, path, "Reconnect");

        var reconnected = (await platforms.PostAsync($"{path}/reconnect")).ShouldBe(HttpStatusCode.OK);
        var back = await OidcProvider.BrowseAsync(reconnected.Text("authorizeUrl"));
        (await ReturnAsync(platforms, back, CookieOf(reconnected))).ShouldBe(HttpStatusCode.OK);
        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeTrue();
        (await ReadAsync(await OpenAsync(platforms, path))).ShouldBe(Records);
    }

    [Fact]
    public async Task Deleting_the_connection_ends_the_grant_at_the_provider()
    {
        await using var platforms = await StartAsync();
        var path = await CreateAsync(platforms);
        await ConnectAsync(platforms, path);
        var grant = await GrantAsync(platforms, path);

        (await platforms.Api.SendAsync(HttpMethod.Delete, path, token: platforms.Token)).ShouldBe(HttpStatusCode.NoContent);

        (await provider.RefreshAsync(grant.RefreshToken!)).ShouldBe((400, "invalid_grant"));
    }

    // The provider lives by the real clock.
    private static Task<PlatformApi> StartAsync() => PlatformApi.StartAsync(services => services.AddSingleton(TimeProvider.System));

    private async Task<string> CreateAsync(PlatformApi platforms, string client = "listbackup", string secret = "post-secret", bool inHeader = false, bool pkce = true)
    {
        var manifest = (await platforms.PostAsync(platforms.Manifests, new { name = "Provider", manifest = Manifest(inHeader, pkce) })).ShouldBe(HttpStatusCode.Created).Text("id");
        var config = new { url = provider.Url, client_id = client, client_secret = secret };
        var created = (await platforms.PostAsync(platforms.Connections, new { name = "Provider", platform = manifest, config })).ShouldBe(HttpStatusCode.Created);
        created.Json["health"]!["state"]!.ToString().ShouldBe("waiting");
        return $"{platforms.Connections}/{created.Text("id")}";
    }

    private static string Manifest(bool inHeader, bool pkce) => $$$"""
        version: 6.44.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - type: DeclarativeStream
            name: items
            primary_key: id
            retriever:
              type: SimpleRetriever
              requester:
                type: HttpRequester
                url_base: "{{ config['url'] }}"
                path: /items
                authenticator:
                  type: OAuthAuthenticator
                  token_refresh_endpoint: "{{ config['url'] }}/token"
                  client_id: "{{ config['client_id'] }}"
                  client_secret: "{{ config['client_secret'] }}"
                  refresh_token: "{{ config['refresh_token'] }}"
                  refresh_token_updater: { refresh_token_config_path: [refresh_token], access_token_config_path: [access_token], token_expiry_date_config_path: [token_expiry_date] }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } }
              paginator:
                type: DefaultPaginator
                page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
                pagination_strategy: { type: PageIncrement, start_from_page: 1, page_size: 4, inject_on_first_request: true }
        spec:
          type: Spec
          connection_specification:
            type: object
            required: [url, client_id, client_secret, refresh_token]
            properties:
              url: { type: string }
              client_id: { type: string }
              client_secret: { type: string, airbyte_secret: true }
              refresh_token: { type: string, airbyte_secret: true }
              access_token: { type: string, airbyte_secret: true }
        x-listbackup:
          title: Provider
          oauth:
            authorize_url: "{{ config['url'] }}/auth"
            token_url: "{{ config['url'] }}/token"
            revoke_url: "{{ config['url'] }}/token/revocation"
            scopes: [openid, offline_access]
            pkce: {{{(pkce ? "true" : "false")}}}
            client_in_header: {{{(inHeader ? "true" : "false")}}}
            authorize_parameters: { prompt: consent }
            config_fields: { access_token: [access_token], refresh_token: [refresh_token] }
            client_id_field: [client_id]
            client_secret_field: [client_secret]
        """;

    private static async Task<ApiAnswer> ConnectAsync(PlatformApi platforms, string path)
    {
        var (authorize, cookie) = await BeginAsync(platforms, path);
        return await ReturnAsync(platforms, await OidcProvider.BrowseAsync(authorize), cookie);
    }

    private static async Task<(string Authorize, string Cookie)> BeginAsync(PlatformApi platforms, string path)
    {
        var started = (await platforms.PostAsync($"{path}/oauth")).ShouldBe(HttpStatusCode.OK);
        return (started.Text("authorizeUrl"), CookieOf(started));
    }

    private static string CookieOf(ApiAnswer answer) => answer.Headers["Set-Cookie"].Single().Split(';')[0];

    private static Task<ApiAnswer> ReturnAsync(PlatformApi platforms, string path, string cookie) =>
        platforms.Api.SendAsync(HttpMethod.Get, path, null, null, ("Cookie", cookie));

    private static async Task ShouldAskForAPersonAsync(PlatformApi platforms, string path, string reason)
    {
        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeFalse();
        var health = (await platforms.GetAsync($"{path}/health")).Json;
        health["state"]!.ToString().ShouldBe("unhealthy");
        health["reason"]!.ToString().ShouldContain(reason);
    }

    private static ConnectionId IdOf(string path) => ConnectionId.Parse(path[(path.LastIndexOf('/') + 1)..]);

    private static Task<OpenConnection> OpenAsync(PlatformApi platforms, string path) =>
        platforms.Api.Get<IConnections>().OpenAsync(platforms.Account, IdOf(path), ConnectionUse.Backup, Cancellation);

    private static async Task<Connectors.Authentication.TokenGrant> GrantAsync(PlatformApi platforms, string path) =>
        (await platforms.Api.Get<StoredConnections>().TokensOf(platforms.Account, IdOf(path)).FindAsync(Cancellation)).ShouldNotBeNull();

    /// <summary>How many different records a whole read brought.</summary>
    private static async Task<int> ReadAsync(OpenConnection connection)
    {
        var ids = new List<string>();
        await foreach (var batch in connection.Connector.ReadAsync(new ReadRequest { Stream = "items", Config = connection.Config }, connection.Ports, Cancellation))
        {
            using (batch) ids.AddRange(batch.Records.Select(record => JsonNode.Parse(record.Span)!["id"]!.ToString()));
        }
        ids.ShouldBeUnique();
        return ids.Count;
    }

    private static Dictionary<string, string> Query(string path) =>
        path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
