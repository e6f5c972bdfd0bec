using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>How this installation is reached from outside; the OAuth callback lies below it.</summary>
public sealed record PublicAddress(Uri Url)
{
    public string Callback => new Uri(Url, OAuthRoutes.Callback).ToString();
}

internal static class OAuthRoutes
{
    public const string Callback = "/v1/oauth/callback";
    public const string Cookie = "listbackup-oauth";
}

/// <summary>Sends a person to the platform's own pages to grant access.</summary>
public sealed class StartOAuth(ConnectionStore store, StoredConnections connections, OAuthStates states, PublicAddress address, TimeProvider clock)
{
    /// <returns>Where to send the person, and the cookie that their browser has to bring back.</returns>
    public async Task<(OAuthStart Start, string Cookie)> RunAsync(Access access, ConnectionId id, CancellationToken cancellation)
    {
        var connection = (await store.GetAsync(access.Account.Id, id, cancellation)).Value;
        var open = await connections.OpenAsync(connection, cancellation);
        var oauth = Describe(open, clock);
        var client = OAuthCalls.OAuthClientOf(oauth, open.Config);
        var (secrets, expiresAt) = await states.BeginAsync(access, id, address.Callback, cancellation);
        return (new(AuthorizeUrl(oauth, client, secrets), expiresAt), secrets.Cookie);
    }

    public static OAuthDescription Describe(OpenConnection open, TimeProvider clock)
    {
        var oauth = open.Connector.OAuth ?? throw Problem.Conflict("This platform has no sign-in pages for granting access. Fill in its credentials instead.", "no-oauth");
        if (oauth.AppliesWhen is var (field, value) && ConfigJson.Find(ConfigJson.Parse(open.Config), field) is { } chosen && chosen != value)
            throw Problem.Conflict($"The connection's field {field} chooses another way to sign in. Change it to '{value}' first.", "other-sign-in");
        try
        {
            return oauth.For(open.Config, clock);
        }
        catch (ConfigException incomplete)
        {
            throw Problem.Conflict(incomplete.Message, "config-incomplete");
        }
    }

    private Uri AuthorizeUrl(OAuthDescription oauth, OAuthClient client, OAuthAttemptSecrets secrets)
    {
        var parameters = oauth.AuthorizeFields is { } fields ? Written(fields, oauth, client, secrets) : Standard(oauth, client, secrets);
        var url = new UriBuilder(oauth.AuthorizeUrl);
        var query = string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
        url.Query = url.Query.Length > 1 ? $"{url.Query[1..]}&{query}" : query;
        return url.Uri;
    }

    /// <summary>The parameters as the manifest writes them. The state is ours to insist on: without it nobody knows whose answer comes back.</summary>
    private Dictionary<string, string> Written(
        IReadOnlyDictionary<string, OAuthField> fields, OAuthDescription oauth, OAuthClient client, OAuthAttemptSecrets secrets)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, field) in fields)
        {
            var text = field.Kind switch
            {
                OAuthFieldKind.ClientId => client.Id,
                OAuthFieldKind.RedirectUri => address.Callback,
                OAuthFieldKind.Scope => string.Join(oauth.ScopeSeparator, oauth.Scopes),
                OAuthFieldKind.State => secrets.State,
                OAuthFieldKind.Challenge => OAuthStates.Challenge(secrets.Verifier),
                // A secret has no business in a url that a browser sees.
                OAuthFieldKind.ClientSecret or OAuthFieldKind.Verifier or OAuthFieldKind.Code => "",
                _ => field.Text ?? "",
            };
            if (text.Length > 0) parameters[name] = text;
        }
        parameters.TryAdd("response_type", "code");
        if (fields.Values.All(f => f.Kind != OAuthFieldKind.State)) parameters["state"] = secrets.State;
        if (oauth.Pkce) parameters.TryAdd("code_challenge_method", "S256");
        return parameters;
    }

    private Dictionary<string, string> Standard(OAuthDescription oauth, OAuthClient client, OAuthAttemptSecrets secrets)
    {
        var parameters = new Dictionary<string, string>(oauth.AuthorizeParameters, StringComparer.Ordinal)
        {
            ["response_type"] = "code",
            ["client_id"] = client.Id,
            ["redirect_uri"] = address.Callback,
            ["state"] = secrets.State,
        };
        if (oauth.Scopes.Count > 0) parameters["scope"] = string.Join(oauth.ScopeSeparator, oauth.Scopes);
        if (oauth.Pkce)
        {
            parameters["code_challenge"] = OAuthStates.Challenge(secrets.Verifier);
            parameters["code_challenge_method"] = "S256";
        }
        return parameters;
    }
}
