using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        using var request = oauth.TokenRequest is { } written
            ? Written(written, oauth, OAuthClientOf(oauth, config), code, verifier, redirectUri)
            : Standard(oauth, config, oauth.TokenUrl, Form(oauth, code, verifier, redirectUri));
        var (status, body) = await SendAsync(request, cancellation);
        try
        {
            using var answer = JsonDocument.Parse(body);
            if (status is >= 200 and < 300 && Text(answer.RootElement, oauth, "access_token") is { } accessToken) return Read(answer.RootElement, oauth, accessToken);
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
        using var request = Standard(oauth, config, url, form);
        var (status, _) = await SendAsync(request, cancellation);
        return status is >= 200 and < 300;
    }

    private static Dictionary<string, string> Form(OAuthDescription oauth, string code, string verifier, string redirectUri)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirectUri };
        if (oauth.Pkce) form["code_verifier"] = verifier;
        return form;
    }

    /// <summary>The request as the manifest writes it.</summary>
    private static HttpRequestMessage Written(OAuthTokenRequest written, OAuthDescription oauth, OAuthClient client, string code, string verifier, string redirectUri)
    {
        var fields = written.Fields.ToDictionary(field => field.Key, field => field.Value.Kind switch
        {
            OAuthFieldKind.ClientId => client.Id,
            OAuthFieldKind.ClientSecret => client.Secret,
            OAuthFieldKind.RedirectUri => redirectUri,
            OAuthFieldKind.Scope => string.Join(oauth.ScopeSeparator, oauth.Scopes),
            OAuthFieldKind.Code => code,
            OAuthFieldKind.Verifier => verifier,
            _ => field.Value.Text ?? "",
        }, StringComparer.Ordinal);
        var query = string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value)}"));
        var request = new HttpRequestMessage(HttpMethod.Post, written.Body == OAuthBody.Query ? $"{oauth.TokenUrl}?{query}" : oauth.TokenUrl);
        request.Content = written.Body switch
        {
            OAuthBody.Json => new StringContent(new JsonObject([.. fields.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Value)))]).ToJsonString(), Encoding.UTF8, "application/json"),
            OAuthBody.Form => new FormUrlEncodedContent(fields),
            _ => null,
        };
        request.Headers.Accept.Add(new("application/json"));
        // The content's type is the body's own; whatever else the platform wants goes along.
        foreach (var (name, value) in written.Headers.Where(h => !h.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)))
            request.Headers.TryAddWithoutValidation(name, value);
        if (oauth.ClientInHeader) request.Headers.Authorization = Basic(client);
        return request;
    }

    private static HttpRequestMessage Standard(OAuthDescription oauth, ConnectorConfig config, string url, Dictionary<string, string> form)
    {
        var client = OAuthClientOf(oauth, config);
        var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Accept.Add(new("application/json"));
        if (oauth.ClientInHeader)
        {
            request.Headers.Authorization = Basic(client);
        }
        else
        {
            form["client_id"] = client.Id;
            if (client.Secret.Length > 0) form["client_secret"] = client.Secret;
        }
        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private static AuthenticationHeaderValue Basic(OAuthClient client) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(client.Id)}:{Uri.EscapeDataString(client.Secret)}")));

    private async Task<(int Status, byte[] Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
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

    private CodeAnswer Read(JsonElement answer, OAuthDescription oauth, string accessToken)
    {
        var fields = answer.EnumerateObject()
            .Where(field => field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .ToDictionary(field => field.Name, field => field.Value.ToString(), StringComparer.Ordinal);
        foreach (var name in oauth.AnswerFields.Keys)
        {
            if (Text(answer, oauth, name) is { } nested) fields[name] = nested;
        }
        DateTimeOffset? expiresAt = fields.TryGetValue("expires_in", out var text) && long.TryParse(text, out var seconds) && seconds is > 0 and < 100L * 365 * 86400
            ? clock.GetUtcNow().AddSeconds(seconds)
            : null;
        var scopes = Text(answer, oauth, "scope")?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new(new(accessToken, expiresAt, Text(answer, oauth, "refresh_token")), scopes, fields);
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

    private static string? Text(JsonElement answer, OAuthDescription oauth, string name)
    {
        foreach (var key in oauth.AnswerFields.TryGetValue(name, out var path) ? path.Keys : [name])
        {
            if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty(key, out answer)) return null;
        }
        return answer.ValueKind switch
        {
            JsonValueKind.String when answer.GetString() is { Length: > 0 } text => text,
            JsonValueKind.Number => answer.GetRawText(),
            _ => null,
        };
    }
}
