using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>What a token endpoint answered to a code: the grant, and answer fields that the connector wants in the configuration.</summary>
public sealed record CodeAnswer(TokenGrant Grant, IReadOnlyList<string> Scopes, IReadOnlyDictionary<string, string> Fields)
{
    public override string ToString() => "(tokens)";
}

/// <summary>The calls of the code flow to a platform's OAuth server (RFC 6749, 7636, 7009). None is retried: codes are good once.</summary>
public sealed class OAuthCalls(ConnectorHttp http, TimeProvider clock)
{
    private const int AnswerBytesMax = 256 * 1024;
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    /// <exception cref="Problem">Upstream: the platform did not answer, or said no.</exception>
    public async Task<CodeAnswer> ExchangeAsync(
        OAuthDescription oauth, ConnectorConfig config, string code, string verifier, string redirectUri, CancellationToken cancellation)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirectUri };
        if (oauth.Pkce) form["code_verifier"] = verifier;
        var (status, body) = await PostAsync(oauth, config, oauth.TokenUrl, form, cancellation);
        try
        {
            using var answer = JsonDocument.Parse(body);
            if (status is >= 200 and < 300 && Text(answer.RootElement, "access_token") is { } accessToken) return Read(answer.RootElement, accessToken);
        }
        catch (JsonException)
        {
            // Some platforms answer a refusal as a page. Nothing of it may be quoted: it may hold the code.
        }
        throw Problem.Upstream($"The platform did not accept the sign-in (status {status}). Start connecting again.");
    }

    /// <summary>Asks the platform to end a grant. True when it said that it did.</summary>
    public async Task<bool> RevokeAsync(OAuthDescription oauth, ConnectorConfig config, string token, string kind, CancellationToken cancellation)
    {
        if (oauth.RevokeUrl is not { } url) return false;
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["token"] = token, ["token_type_hint"] = kind };
        var (status, _) = await PostAsync(oauth, config, url, form, cancellation);
        return status is >= 200 and < 300;
    }

    private async Task<(int Status, byte[] Body)> PostAsync(
        OAuthDescription oauth, ConnectorConfig config, string url, Dictionary<string, string> form, CancellationToken cancellation)
    {
        var client = OAuthClientOf(oauth, config);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Accept.Add(new("application/json"));
        if (oauth.ClientInHeader)
        {
            var pair = $"{Uri.EscapeDataString(client.Id)}:{Uri.EscapeDataString(client.Secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = client.Id;
            if (client.Secret.Length > 0) form["client_secret"] = client.Secret;
        }
        request.Content = new FormUrlEncodedContent(form);

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(AnswerMax);
        try
        {
            using var answer = await http.SendOnceAsync(request, limited.Token);
            return ((int)answer.StatusCode, await ReadAsync(answer, limited.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Problem.Upstream($"The platform's sign-in server did not answer within {AnswerMax.TotalSeconds:0} s. Try again later.");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException or PlatformException)
        {
            throw Problem.Upstream("The platform's sign-in server cannot be reached. Try again later.");
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var body = new byte[AnswerBytesMax];
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        return body[..length];
    }

    private CodeAnswer Read(JsonElement answer, string accessToken)
    {
        var fields = answer.EnumerateObject()
            .Where(field => field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .ToDictionary(field => field.Name, field => field.Value.ToString(), StringComparer.Ordinal);
        DateTimeOffset? expiresAt = fields.TryGetValue("expires_in", out var text) && long.TryParse(text, out var seconds) && seconds is > 0 and < 100L * 365 * 86400
            ? clock.GetUtcNow().AddSeconds(seconds)
            : null;
        var scopes = Text(answer, "scope")?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new(new(accessToken, expiresAt, Text(answer, "refresh_token")), scopes, fields);
    }

    /// <summary>The client that the configuration names, which may be this installation's.</summary>
    public static OAuthClient OAuthClientOf(OAuthDescription oauth, ConnectorConfig config)
    {
        var json = ConfigJson.Parse(config);
        var id = oauth.ClientIdField is { } idField ? ConfigJson.Find(json, idField) : null;
        var secret = oauth.ClientSecretField is { } secretField ? ConfigJson.Find(json, secretField) : null;
        return new(
            id ?? throw Problem.Conflict("This platform needs an OAuth client: fill in one of your own, or have this installation's owner set one (docs/guide/settings.md).", "oauth-client-missing"),
            secret ?? "");
    }

    private static string? Text(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
