using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Demo.Access;

/// <summary>An access token that is valid now. All tokens of one consent are a family: they are revoked together.</summary>
internal sealed record Access(string Family, IReadOnlyList<string> Scopes);

/// <summary>A refusal in the words of RFC 6749.</summary>
internal sealed class OAuthProblem(string error, string description, int status = 400) : Exception(description)
{
    public string Error => error;
    public int Status => status;
}

/// <summary>What a client asked for on the consent page.</summary>
internal sealed record AuthorizationRequest(
    string RedirectUri, IReadOnlyList<string> Scopes, string? State, string CodeChallenge, DateTimeOffset Until);

internal sealed record IssuedTokens(string AccessToken, string RefreshToken, int ExpiresIn, IReadOnlyList<string> Scopes);

/// <summary>
/// Authorization codes, access tokens and refresh tokens. Codes work once, briefly, and only with their PKCE verifier. Refresh tokens rotate: the use of an
/// old one revokes the whole family, because one of its two holders is a thief (RFC 9700, section 4.14).
/// </summary>
public sealed class OAuthServer
{
    private const int GrantsMax = 10_000;

    private readonly DemoPlatformOptions _options;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AuthorizationRequest> _requests = [];
    private readonly Dictionary<string, Code> _codes = [];
    private readonly Dictionary<string, AccessGrant> _access = [];
    private readonly Dictionary<string, RefreshGrant> _refresh = [];
    private readonly HashSet<string> _revoked = [];

    internal OAuthServer(DemoPlatformOptions options) => _options = options;

    /// <summary>Every access token is expired from now on; refresh tokens still work.</summary>
    public void ExpireAccessTokens()
    {
        lock (_gate) _access.Clear();
    }

    /// <summary>As if the customer had removed the app: no token of any kind works any more.</summary>
    public void RevokeAll()
    {
        lock (_gate)
        {
            foreach (var grant in _refresh.Values) _revoked.Add(grant.Family);
            _access.Clear();
        }
    }

    internal string Remember(AuthorizationRequest request)
    {
        lock (_gate)
        {
            Bound(_requests);
            var id = Secret("");
            _requests.Add(id, request);
            return id;
        }
    }

    internal AuthorizationRequest? FindRequest(string? id)
    {
        lock (_gate) return id is not null && _requests.TryGetValue(id, out var request) && request.Until >= Now ? request : null;
    }

    /// <summary>The code that goes back to the client; the request is used up.</summary>
    internal string Approve(string requestId, AuthorizationRequest request)
    {
        lock (_gate)
        {
            if (!_requests.Remove(requestId)) throw new OAuthProblem("invalid_request", "The request was already answered.");
            Bound(_codes);
            var code = Secret("code_");
            _codes.Add(code, new Code(request, Secret("family_"), Now + _options.CodeLifetime));
            return code;
        }
    }

    internal void Deny(string requestId)
    {
        lock (_gate) _requests.Remove(requestId);
    }

    internal IssuedTokens Exchange(string? code, string? redirectUri, string? verifier)
    {
        lock (_gate)
        {
            if (code is null || !_codes.TryGetValue(code, out var found)) throw InvalidGrant("The code is unknown.");
            if (found.IsUsed)
            {
                _revoked.Add(found.Family);
                throw InvalidGrant("The code was used before. Everything issued for it is revoked.");
            }

            if (found.Until < Now) throw InvalidGrant("The code expired.");
            if (redirectUri != found.Request.RedirectUri) throw InvalidGrant("The redirect_uri is not the one of the authorization.");
            if (!Matches(verifier, found.Request.CodeChallenge)) throw InvalidGrant("The code_verifier does not match.");

            found.IsUsed = true;
            return Issue(found.Family, found.Request.Scopes);
        }
    }

    internal IssuedTokens Refresh(string? token)
    {
        lock (_gate)
        {
            if (token is null || !_refresh.TryGetValue(token, out var grant)) throw InvalidGrant("The refresh token is unknown.");
            if (_revoked.Contains(grant.Family)) throw InvalidGrant("The access was revoked.");
            if (grant.IsUsed)
            {
                _revoked.Add(grant.Family);
                throw InvalidGrant("The refresh token was used before. The access is revoked.");
            }

            grant.IsUsed = true;
            return Issue(grant.Family, grant.Scopes);
        }
    }

    /// <summary>RFC 7009: a refresh token takes its family along; unknown tokens are no error.</summary>
    internal void Revoke(string? token)
    {
        lock (_gate)
        {
            if (token is null) return;
            if (_refresh.TryGetValue(token, out var grant)) _revoked.Add(grant.Family);
            _access.Remove(token);
        }
    }

    internal Access? FindAccess(string token)
    {
        lock (_gate)
        {
            if (!_access.TryGetValue(token, out var grant) || grant.Until < Now || _revoked.Contains(grant.Family)) return null;
            return new Access(grant.Family, grant.Scopes);
        }
    }

    internal static string Secret(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private DateTimeOffset Now => _options.Time.GetUtcNow();

    private IssuedTokens Issue(string family, IReadOnlyList<string> scopes)
    {
        Bound(_access);
        Bound(_refresh);
        var tokens = new IssuedTokens(Secret("at_"), Secret("rt_"), (int)_options.AccessTokenLifetime.TotalSeconds, scopes);
        _access.Add(tokens.AccessToken, new AccessGrant(family, scopes, Now + _options.AccessTokenLifetime));
        _refresh.Add(tokens.RefreshToken, new RefreshGrant(family, scopes));
        return tokens;
    }

    private static bool Matches(string? verifier, string challenge) =>
        verifier is { Length: >= 43 and <= 128 }
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));

    private static OAuthProblem InvalidGrant(string description) => new("invalid_grant", description);

    private static void Bound<T>(Dictionary<string, T> grants)
    {
        if (grants.Count >= GrantsMax) grants.Clear();
    }

    private sealed record AccessGrant(string Family, IReadOnlyList<string> Scopes, DateTimeOffset Until);

    private sealed class RefreshGrant(string family, IReadOnlyList<string> scopes)
    {
        public string Family => family;
        public IReadOnlyList<string> Scopes => scopes;
        public bool IsUsed { get; set; }
    }

    private sealed class Code(AuthorizationRequest request, string family, DateTimeOffset until)
    {
        public AuthorizationRequest Request => request;
        public string Family => family;
        public DateTimeOffset Until => until;
        public bool IsUsed { get; set; }
    }
}
