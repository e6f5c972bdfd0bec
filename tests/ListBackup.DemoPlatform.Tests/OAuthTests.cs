using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;

namespace ListBackup.Demo.Tests;

public sealed partial class OAuthTests
{
    private const string Verifier = "a-verifier-that-is-long-enough-for-the-rfc-7636-rules";
    private const string Redirect = "http://127.0.0.1:51234/callback";

    [Fact]
    public async Task Sign_in_consent_and_exchange_give_tokens_that_work_and_the_state_comes_back()
    {
        await using var client = await DemoClient.StartAsync();

        var back = await ConsentAsync(client, "crm.read crm.write");
        var (status, tokens) = await TokenAsync(client, Exchange(back["code"]!));

        back["state"].ShouldBe("s t&te");
        status.ShouldBe(HttpStatusCode.OK);
        tokens.GetProperty("expires_in").GetInt32().ShouldBe(3600);
        (await CallAsync(client, tokens.GetProperty("access_token").GetString()!)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_code_works_once_and_its_reuse_revokes_what_was_issued()
    {
        await using var client = await DemoClient.StartAsync();
        var code = (await ConsentAsync(client))["code"]!;
        var (_, tokens) = await TokenAsync(client, Exchange(code));

        var (status, error) = await TokenAsync(client, Exchange(code));

        status.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("error").GetString().ShouldBe("invalid_grant");
        (await CallAsync(client, tokens.GetProperty("access_token").GetString()!)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_code_needs_its_verifier_its_redirect_and_its_minute()
    {
        await using var client = await DemoClient.StartAsync();
        var code = (await ConsentAsync(client))["code"]!;

        (await TokenAsync(client, Exchange(code, verifier: Verifier + "x"))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await TokenAsync(client, Exchange(code, redirect: Redirect + "2"))).Status.ShouldBe(HttpStatusCode.BadRequest);
        client.Time.Advance(TimeSpan.FromSeconds(61));
        (await TokenAsync(client, Exchange(code))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Without_pkce_there_is_no_consent_page()
    {
        await using var client = await DemoClient.StartAsync();

        using var response = await client.Http.GetAsync(Authorize("crm.read").Replace("S256", "plain"), DemoClient.Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.Query.ShouldContain("error=invalid_request");
    }

    [Fact]
    public async Task An_address_that_is_not_registered_gets_no_redirect()
    {
        await using var client = await DemoClient.StartAsync();

        using var response = await client.Http.GetAsync(Authorize("crm.read").Replace("127.0.0.1", "evil.example"), DemoClient.Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_access_token_expires_and_a_refresh_gives_the_next()
    {
        await using var client = await DemoClient.StartAsync();
        var (_, tokens) = await TokenAsync(client, Exchange((await ConsentAsync(client))["code"]!));
        client.Time.Advance(TimeSpan.FromHours(1.1));

        var expired = await CallAsync(client, tokens.GetProperty("access_token").GetString()!);
        var (_, next) = await TokenAsync(client, Refresh(tokens));

        expired.ShouldBe(HttpStatusCode.Unauthorized);
        (await CallAsync(client, next.GetProperty("access_token").GetString()!)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_reuse_of_a_refresh_token_revokes_the_newest_too()
    {
        await using var client = await DemoClient.StartAsync();
        var (_, first) = await TokenAsync(client, Exchange((await ConsentAsync(client))["code"]!));
        var (_, second) = await TokenAsync(client, Refresh(first));

        var (reused, _) = await TokenAsync(client, Refresh(first));
        var (newest, _) = await TokenAsync(client, Refresh(second));

        reused.ShouldBe(HttpStatusCode.BadRequest);
        newest.ShouldBe(HttpStatusCode.BadRequest);
        (await CallAsync(client, second.GetProperty("access_token").GetString()!)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_revoked_refresh_token_ends_the_access()
    {
        await using var client = await DemoClient.StartAsync();
        var (_, tokens) = await TokenAsync(client, Exchange((await ConsentAsync(client))["code"]!));

        using var form = Form(("token", tokens.GetProperty("refresh_token").GetString()!));
        using var revoked = await client.Http.PostAsync("/oauth/revoke", form, DemoClient.Cancellation);

        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CallAsync(client, tokens.GetProperty("access_token").GetString()!)).ShouldBe(HttpStatusCode.Unauthorized);
        (await TokenAsync(client, Refresh(tokens))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_wrong_client_secret_is_refused()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Client = new OAuthClient { Secret = "another" } });

        var (status, error) = await TokenAsync(client, Exchange("code_x"));

        status.ShouldBe(HttpStatusCode.Unauthorized);
        error.GetProperty("error").GetString().ShouldBe("invalid_client");
    }

    [Fact]
    public async Task A_read_only_credential_cannot_write()
    {
        await using var client = await DemoClient.StartAsync();
        var (_, tokens) = await TokenAsync(client, Exchange((await ConsentAsync(client))["code"]!));
        client.Http.DefaultRequestHeaders.Remove("X-Api-Key");

        foreach (var credential in new[] { tokens.GetProperty("access_token").GetString()!, "demo-read-key" })
        {
            client.Http.DefaultRequestHeaders.Authorization = new("Bearer", credential);
            (await client.SendAsync(HttpMethod.Post, "/api/v1/lists", """{"name":"x"}""")).Status.ShouldBe(HttpStatusCode.Forbidden);
            (await client.SendAsync(HttpMethod.Get, "/api/v1/lists")).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_denied_consent_goes_back_as_an_error()
    {
        await using var client = await DemoClient.StartAsync();

        var back = await ConsentAsync(client, decision: "deny");

        back["error"].ShouldBe("access_denied");
        back["code"].ShouldBeNull();
    }

    /// <summary>The refresh token of a new connection that may read and write.</summary>
    internal static async Task<string> ConnectAsync(DemoClient client)
    {
        var (_, tokens) = await TokenAsync(client, Exchange((await ConsentAsync(client, "crm.read crm.write"))["code"]!));
        return tokens.GetProperty("refresh_token").GetString()!;
    }

    private static async Task<System.Collections.Specialized.NameValueCollection> ConsentAsync(
        DemoClient client, string scope = "crm.read", string decision = "allow")
    {
        var page = await client.TextAsync(Authorize(scope));
        var request = RequestField().Match(page).Groups[1].Value;
        using var login = Form(("request", request), ("email", "demo@example.com"), ("password", "demo"));
        using var signedIn = await client.Http.PostAsync("/oauth/login", login, DemoClient.Cancellation);
        signedIn.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var answer = Form(("request", request), ("decision", decision));
        using var redirect = await client.Http.PostAsync("/oauth/consent", answer, DemoClient.Cancellation);
        redirect.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        redirect.Headers.Location!.AbsoluteUri.ShouldStartWith(Redirect);
        return HttpUtility.ParseQueryString(redirect.Headers.Location.Query);
    }

    private static string Authorize(string scope)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
        return $"/oauth/authorize?response_type=code&client_id=listbackup-demo&redirect_uri={Uri.EscapeDataString(Redirect)}&scope={Uri.EscapeDataString(scope)}"
            + $"&state={Uri.EscapeDataString("s t&te")}&code_challenge={challenge}&code_challenge_method=S256";
    }

    private static FormUrlEncodedContent Exchange(string code, string verifier = Verifier, string redirect = Redirect) =>
        Form(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier));

    private static FormUrlEncodedContent Refresh(JsonElement tokens) =>
        Form(("grant_type", "refresh_token"), ("refresh_token", tokens.GetProperty("refresh_token").GetString()!));

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Append(("client_id", "listbackup-demo")).Append(("client_secret", "demo-secret")).ToDictionary(field => field.Item1, field => field.Item2));

    private static async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(DemoClient client, FormUrlEncodedContent form)
    {
        using (form)
        {
            using var response = await client.Http.PostAsync("/oauth/token", form, DemoClient.Cancellation);
            return (response.StatusCode, DemoClient.Parse(await response.Content.ReadAsStringAsync(DemoClient.Cancellation)));
        }
    }

    private static async Task<HttpStatusCode> CallAsync(DemoClient client, string accessToken)
    {
        using var http = new HttpClient { BaseAddress = client.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        using var response = await http.GetAsync("/api/v1/account", DemoClient.Cancellation);
        return response.StatusCode;
    }

    [GeneratedRegex("name=\"request\" value=\"([^\"]+)\"")]
    private static partial Regex RequestField();
}
