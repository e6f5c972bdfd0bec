using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Authentication;

public sealed class OAuthTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private static string Manifest(string more) => Manifests.OneStream("/items", requester: $$$"""
        authenticator:
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/token"
        {{{Manifests.Indented(more, 2)}}}
        """);

    /// <summary>Reads once and tells the token request: its query, its body and its credentials.</summary>
    private async Task<string> TokenRequestAsync(string more, object? config = null)
    {
        var seen = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (context.Request.Path == "/token")
            {
                var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
                seen = $"{context.Request.QueryString} {body} {context.Request.Headers.Authorization}".Trim();
                await context.Json("""{"data":{"access_token":"t","expires_in":60}}""");
                return;
            }

            await (context.Request.Headers.Authorization == "Bearer t" ? context.Json("""{"items":[]}""") : context.Json("{}", 401));
        });

        await ReadResult.Of(Connector.Load(Manifest(more)).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(config) }, Ports.For(_http), default));

        return seen;
    }

    [Theory]
    [InlineData("client_id: me\nclient_secret: mine\nrefresh_token: r", "grant_type=refresh_token&client_id=me&client_secret=mine&refresh_token=r")]
    [InlineData("client_id: me\nclient_secret: mine\ngrant_type: client_credentials\nscopes: [a, b]", "grant_type=client_credentials&client_id=me&client_secret=mine&scope=a+b")]
    [InlineData("client_id: me\nclient_id_name: app\nclient_secret: mine\nclient_secret_name: key\nrefresh_token: r\nrefresh_token_name: old\ngrant_type_name: how", "how=refresh_token&app=me&key=mine&old=r")]
    [InlineData("client_id: me\nclient_secret: mine\ngrant_type: client_credentials\nrefresh_request_headers: { Authorization: Basic bWU6bWluZQ== }", "grant_type=client_credentials Basic bWU6bWluZQ==")]
    [InlineData("client_id: me\nclient_secret: mine\nrefresh_token: r\nrefresh_request_body: { audience: you, client_id: other }", "grant_type=refresh_token&client_id=me&client_secret=mine&refresh_token=r&audience=you")]
    [InlineData("client_id: me\nclient_secret: mine\nrefresh_token: r\nrefresh_request_headers: { Content-Type: application/json }", """{"grant_type":"refresh_token","client_id":"me","client_secret":"mine","refresh_token":"r"}""")]
    [InlineData("client_id: me\nclient_secret: mine\nrefresh_token: r\nsend_refresh_request_as_query_params: true", "?grant_type=refresh_token&client_id=me&client_secret=mine&refresh_token=r")]
    public async Task A_token_is_asked_for_in_the_platforms_own_words(string more, string request) =>
        (await TokenRequestAsync(more)).ShouldBe(request);

    [Fact]
    public async Task A_signed_assertion_stands_for_the_credentials()
    {
        var request = await TokenRequestAsync("""
            client_id: me
            client_secret: mine
            grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer
            use_profile_assertion: true
            profile_assertion: { type: JwtAuthenticator, secret_key: k, algorithm: HS256, jwt_payload: { iss: me } }
            """);

        request.ShouldStartWith("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJ");
        request.ShouldNotContain("mine");
    }

    [Fact]
    public void An_assertion_that_is_wanted_and_missing_is_a_mistake() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest("use_profile_assertion: true"))).Message.ShouldContain("profile_assertion");

    [Fact]
    public async Task A_token_of_the_configuration_alone_is_used_as_it_is()
    {
        string? seen = null;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            seen = context.Request.Headers.Authorization;
            return context.Json("""{"items":[]}""");
        });
        var manifest = Manifests.OneStream("/items", requester: "authenticator: { type: OAuthAuthenticator, access_token_value: \"{{ config['token'] }}\" }");

        await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(new { token = "0042" }) }, Ports.For(_http), default));

        seen.ShouldBe("Bearer 0042");
    }

    [Theory]
    [InlineData("", 400, """{"error":"invalid_grant"}""", true)]
    [InlineData("", 400, "{}", true)]
    [InlineData("", 400, """{"error":"temporarily_unavailable"}""", false)]
    [InlineData("", 503, "{}", false)]
    [InlineData("refresh_token_error_status_codes: [400]\nrefresh_token_error_key: code\nrefresh_token_error_values: [gone]", 400, """{"code":"gone"}""", true)]
    [InlineData("refresh_token_error_status_codes: [400]\nrefresh_token_error_key: code\nrefresh_token_error_values: [gone]", 400, """{"code":"busy"}""", false)]
    [InlineData("refresh_token_error_status_codes: [400]\nrefresh_token_error_key: code\nrefresh_token_error_values: [gone]", 401, """{"error":"invalid_client"}""", true)]
    [InlineData("refresh_token_updater: { refresh_token_error_status_codes: [400], refresh_token_error_key: code, refresh_token_error_values: [gone] }", 400, """{"code":"busy"}""", false)]
    public async Task A_refusal_is_final_where_the_manifest_or_the_standard_says_so(string more, int status, string answer, bool isFinal)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(answer, status));

        var exception = await Should.ThrowAsync<PlatformException>(() => ReadResult.Of(Connector.Load(Manifest($"client_id: me\nclient_secret: mine\nrefresh_token: r\n{more}"))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default)));

        exception.MayPassLater.ShouldBe(!isFinal);
        platform.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public void Half_a_description_of_refusals_is_a_mistake() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest("refresh_token_error_status_codes: [400]"))).Message.ShouldContain("belong together");

    [Fact]
    public async Task A_session_token_is_read_from_xml_too()
    {
        string? seen = null;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            if (context.Request.Path == "/login")
                return context.Response.WriteAsync($"<answer><session id=\"s1\"/><as>{context.Request.Headers.Authorization}</as></answer>");
            seen = context.Request.Headers["X-Session"];
            return context.Json("""{"items":[]}""");
        });
        var manifest = Manifests.OneStream("/items", requester: """
            authenticator:
              type: SessionTokenAuthenticator
              decoder: { type: XmlDecoder }
              login_requester:
                type: HttpRequester
                url_base: "{{ config['url'] }}"
                path: /login
                http_method: POST
                authenticator: { type: BasicHttpAuthenticator, username: u, password: p }
                request_body: { type: RequestBodyJsonObject, value: { auth: { name: u, options: [1, "{{ 1 + 1 }}"] } } }
              session_token_path: [answer, session, "@id"]
              expiration_duration: PT1H
              request_authentication:
                type: ApiKey
                api_token: "Token {{ session_token }}"
                inject_into: { type: RequestOption, inject_into: header, field_name: X-Session }
            """);

        await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default));

        seen.ShouldBe("Token s1");
    }
}
