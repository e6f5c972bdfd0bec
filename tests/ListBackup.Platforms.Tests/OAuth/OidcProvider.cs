using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ListBackup.Platforms.Tests;

/// <summary>A real OpenID provider (scripts/oidc) for its tests, which run one after the other.</summary>
public sealed class OidcProvider : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly HttpClient _http = new();
    private string? _complaint;
    private ScriptedServer? _server;

    public async ValueTask InitializeAsync()
    {
        _complaint = await ScriptedServer.InstallAsync("oidc");
        if (_complaint is null) _server = await ScriptedServer.StartAsync("oidc");
    }

    /// <summary>Skips the test, with what npm said, where the provider cannot be installed.</summary>
    public string Url
    {
        get
        {
            Assert.SkipWhen(_complaint is not null, $"oidc-provider cannot be installed here: {_complaint}");
            return _server!.Url;
        }
    }

    /// <summary>Uses the provider's side door; see scripts/lib/oidc/server.mjs.</summary>
    /// <returns>How many refreshes have succeeded so far.</returns>
    public async Task<int> ControlAsync(string command)
    {
        using var answer = await _http.PostAsync($"{Url}/test/{command}", content: null, Cancellation);
        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.IsSuccessStatusCode.ShouldBeTrue(body);
        return (int)JsonNode.Parse(body)!["refreshes"]!;
    }

    /// <summary>Asks the token endpoint as the client would, with a refresh token.</summary>
    public async Task<(int Status, string Error)> RefreshAsync(string refreshToken)
    {
        using var form = Form(("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", "listbackup"), ("client_secret", "post-secret"));
        using var answer = await _http.PostAsync($"{Url}/token", form, Cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["error"]?.ToString() ?? "");
    }

    /// <summary>A person's browser: follows the way to the provider, signs in, agrees, and returns the path that it is sent back to.</summary>
    public static async Task<string> BrowseAsync(string authorize)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true });
        var at = new Uri(authorize);
        // The way back to us, a sign-in, a consent and what lies between them: six steps.
        for (var step = 0; step < 10 && at.Host != "localhost"; step++)
        {
            using var page = await browser.GetAsync(at, Cancellation);
            at = page.Headers.Location is { } next ? new Uri(at, next) : await AnswerAsync(browser, at, await page.Content.ReadAsStringAsync(Cancellation));
        }
        at.GetLeftPart(UriPartial.Path).ShouldBe("http://localhost:8080/v1/oauth/callback");
        return at.PathAndQuery;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    private static async Task<Uri> AnswerAsync(HttpClient browser, Uri at, string page)
    {
        var prompt = Regex.Match(page, "name=\"prompt\" value=\"([^\"]+)\"") is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException(page);
        using var form = Form(("prompt", prompt), ("login", "ada"), ("password", "any"));
        using var answer = await browser.PostAsync(at, form, Cancellation);
        return new Uri(at, answer.Headers.Location ?? throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
