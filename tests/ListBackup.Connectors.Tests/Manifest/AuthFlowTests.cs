using ListBackup.Connectors.Authentication;

namespace ListBackup.Connectors.Manifest;

public class AuthFlowTests
{
    [Fact]
    public void A_flow_that_the_manifest_writes_itself_is_told_field_by_field()
    {
        var flow = Load("""
            auth_flow_type: oauth2.0
            predicate_key: [credentials, auth_type]
            predicate_value: OAuth
            oauth_config_specification:
              oauth_user_input_from_connector_config_specification: { type: object, properties: { subdomain: { type: string, path_in_connector_config: [account, subdomain] } } }
              oauth_connector_input_specification:
                consent_url: "https://{{ subdomain }}.example.com/authorize?{{client_id_key}}={{client_id_value}}&{{redirect_uri_key}}={{ {{redirect_uri_value}} | urlEncoder }}&{{scope_key}}={{ {{scope_value}} | urlEncoder }}&{{state_key}}={{state_value}}&code_challenge={{ {{state_value}} | codeChallengeS256 }}&prompt=consent%20me&site={{subdomain}}"
                scope: "a b"
                client_id_key: app_id
                access_token_url: "https://{{subdomain}}.example.com/token"
                access_token_headers: { Content-Type: application/json, X-Version: "2" }
                access_token_params: { "{{ auth_code_key }}": "{{ auth_code_value }}", "{{ client_id_key }}": "{{ client_id_value }}", secret: "{{ client_secret_value }}", code_verifier: "{{ state_value }}", fixed: x }
                auth_code_key: auth_code
                extract_output: [data.access_token]
              complete_oauth_output_specification: { properties: { access_token: { type: string, path_in_connector_config: [credentials, access_token] }, refresh: { path_in_connector_config: [credentials, refresh], path_in_oauth_response: [data, refresh_token] } } }
              complete_oauth_server_output_specification: { properties: { client_id: { path_in_connector_config: [credentials, client_id] } } }
            """)!;

        var filled = flow.For(ConnectorConfig.Parse("""{"account":{"subdomain":"acme"}}"""), TimeProvider.System);

        filled.AuthorizeUrl.ShouldBe("https://acme.example.com/authorize");
        filled.TokenUrl.ShouldBe("https://acme.example.com/token");
        filled.AuthorizeFields!.Select(field => (field.Key, field.Value.Kind, field.Value.Text)).ShouldBe(
        [
            ("app_id", OAuthFieldKind.ClientId, null), ("redirect_uri", OAuthFieldKind.RedirectUri, null), ("scope", OAuthFieldKind.Scope, null), ("state", OAuthFieldKind.State, null),
            ("code_challenge", OAuthFieldKind.Challenge, null), ("prompt", OAuthFieldKind.Constant, "consent me"), ("site", OAuthFieldKind.Constant, "acme"),
        ]);
        filled.Pkce.ShouldBeTrue();
        filled.Scopes.ShouldBe(["a", "b"]);
        filled.TokenRequest!.Body.ShouldBe(OAuthBody.Json);
        filled.TokenRequest.Headers["X-Version"].ShouldBe("2");
        filled.TokenRequest.Fields.Select(field => (field.Key, field.Value.Kind)).ShouldBe(
        [
            ("auth_code", OAuthFieldKind.Code), ("app_id", OAuthFieldKind.ClientId), ("secret", OAuthFieldKind.ClientSecret), ("code_verifier", OAuthFieldKind.Verifier), ("fixed", OAuthFieldKind.Constant),
        ]);
        filled.AnswerFields["access_token"].ShouldBe(FieldPath.Of("data", "access_token"));
        filled.AnswerFields["refresh"].ShouldBe(FieldPath.Of("data", "refresh_token"));
        filled.ConfigFields["access_token"].ShouldBe(FieldPath.Of("credentials", "access_token"));
        filled.ClientIdField.ShouldBe(FieldPath.Of("credentials", "client_id"));
        filled.AppliesWhen.ShouldBe((FieldPath.Of("credentials", "auth_type"), "OAuth"));
    }

    [Fact]
    public void Scopes_may_be_listed_and_the_client_may_sign_in_by_a_header()
    {
        var flow = Load("""
            oauth_config_specification:
              oauth_connector_input_specification:
                consent_url: "https://example.com/authorize?client_id={{client_id_value}}&redirect_uri={{redirect_uri_value}}&state={{state_value}}"
                scopes: [{ scope: read }, { scope: write }]
                optional_scopes: [{ scope: admin }]
                scopes_join_strategy: comma
                access_token_url: "https://example.com/token"
                access_token_headers: { Authorization: "Basic {{ {{ client_id_value }}:{{ client_secret_value }} | base64Encoder }}" }
            """)!;

        flow.Scopes.ShouldBe(["read", "write", "admin"]);
        flow.ScopeSeparator.ShouldBe(",");
        flow.AuthorizeFields!["scope"].Kind.ShouldBe(OAuthFieldKind.Scope);
        flow.ClientInHeader.ShouldBeTrue();
        flow.TokenRequest!.Body.ShouldBe(OAuthBody.Form);
        flow.TokenRequest.Fields.Keys.ShouldBe(["code", "redirect_uri", "grant_type"]);
    }

    [Fact]
    public void A_code_may_be_traded_in_the_url()
    {
        var flow = Load("""
            oauth_config_specification:
              oauth_connector_input_specification:
                consent_url: "https://example.com/authorize?client_id={{client_id_value}}"
                access_token_url: "https://example.com/token?{{client_id_key}}={{client_id_value}}&{{client_secret_key}}={{client_secret_value}}&{{auth_code_key}}={{auth_code_value}}&{{redirect_uri_key}}={{ {{redirect_uri_value}} | urlEncoder }}"
            """)!;

        flow.TokenUrl.ShouldBe("https://example.com/token");
        flow.TokenRequest!.Body.ShouldBe(OAuthBody.Query);
        flow.TokenRequest.Fields.Keys.ShouldBe(["client_id", "client_secret", "code", "redirect_uri", "grant_type"]);
    }

    [Fact]
    public void A_flow_that_we_cannot_send_is_not_offered_and_said_so()
    {
        var connector = Connector.Load(Manifest("""
            oauth_config_specification:
              oauth_connector_input_specification:
                consent_url: "https://example.com/authorize?x={{ client_id_value }}-{{ state_value }}"
                access_token_url: "https://example.com/token"
            """));

        connector.OAuth.ShouldBeNull();
        connector.Warnings.Single().Path.ShouldBe("spec.advanced_auth");
    }

    private static OAuthDescription? Load(string auth) => Connector.Load(Manifest(auth)).OAuth;

    private static string Manifest(string auth) => Manifests.OneStream("/items", more: $"""
        spec:
          type: Spec
          connection_specification: {"{"} type: object {"}"}
          advanced_auth:
        {Manifests.Indented(auth, 4)}
        """);
}
