using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>The refresh call that a manifest's OAuth authenticator describes.</summary>
internal sealed class OAuthRefresher(OAuthAuthenticator oauth, ExpressionContext context, Session session) : ITokenRefresher
{
    /// <summary>A token whose end nobody tells is asked for again after this long.</summary>
    private static readonly TimeSpan LifetimeUnknown = TimeSpan.FromHours(1);

    public string? ConfiguredRefreshToken =>
        (oauth.Updater is { } updater && ValuePaths.Get(session.Config, updater.RefreshTokenPath) is { IsText: true } rotated ? rotated.Text : null)
        ?? oauth.RefreshToken?.EvaluateText(context);

    public TokenGrant? ConfiguredGrant
    {
        get
        {
            var access = oauth.Updater is { } updater ? Config(updater.AccessTokenPath) ?? oauth.AccessToken?.EvaluateText(context) : oauth.AccessToken?.EvaluateText(context);
            if (access is null)
                return null;
            var expiry = (oauth.Updater is { } rotating ? Config(rotating.ExpiryPath) : null) ?? oauth.ExpiryDate?.EvaluateText(context);

            // Without an end the token may be long over; asking for a new one is safe where a wrong one is not.
            return expiry is not null && Times.ParseLoose(expiry) is { } end ? new TokenGrant(access, end, null) : oauth.ExpiryDate is null && oauth.Updater is null ? new TokenGrant(access, null, null) : null;
        }
    }

    public static OAuthRefresher? Find(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
    {
        var session = program.OpenSession(config, ports, null);
        foreach (var authenticator in program.Authenticators)
        {
            if (authenticator.OAuth(session.Context) is { Endpoint: not null } oauth)
                return new OAuthRefresher(oauth, session.Context, session);
        }

        return null;
    }

    public async Task<TokenGrant> RefreshAsync(string? refreshToken, CancellationToken cancellation)
    {
        var parts = new RequestParts { Method = HttpMethod.Post, Url = oauth.Endpoint?.EvaluateText(context) ?? "" };
        Headers(parts);
        Fields(parts, refreshToken);
        using var answer = await session.Sender.SendPlainAsync(parts, cancellation);
        var failure = session.Failure(answer.Host) with { Status = answer.Status, ManifestMessage = "It happened at the token endpoint." };
        if (!answer.IsGood)
        {
            throw (int)answer.Status switch
            {
                429 => new PlatformRateLimitedException(TimeSpan.FromMinutes(1), failure),
                var status when RefreshRefusals.IsFinal(oauth.Refusals, status, answer.Json) => new PlatformUnauthorizedException(failure),
                _ => new PlatformServerException(failure),
            };
        }

        return Grant(answer.Json) ?? throw new PlatformNotReadableException("it grants no access token", failure);
    }

    private void Headers(RequestParts parts)
    {
        if (oauth.Headers?.Evaluate(context) is not { Kind: ValueKind.Map } headers)
            return;
        foreach (var (name, value) in headers.Map)
            parts.SetHeader(name, PythonText.Str(value));
    }

    private void Fields(RequestParts parts, string? refreshToken)
    {
        var fields = new ValueMap().Set(oauth.Names.GrantType, Value.Of(oauth.GrantType.EvaluateText(context)));
        if (oauth.Assertion is not null)
        {
            // The assertion says who we are; credentials beside it would be a second opinion.
            Set("assertion", oauth.Assertion.Sign(context));
        }
        else
        {
            // Credentials that go in the header do not go in the body as well (RFC 6749, section 2.3.1: one method at a time).
            if (!parts.Headers.ContainsKey("Authorization"))
            {
                Set(oauth.Names.ClientId, oauth.ClientId?.EvaluateText(context));
                Set(oauth.Names.ClientSecret, oauth.ClientSecret?.EvaluateText(context));
            }

            Set(oauth.Names.RefreshToken, refreshToken);
        }

        if (oauth.Scopes.Count > 0)
            Set("scope", string.Join(' ', oauth.Scopes.Select(scope => scope.EvaluateText(context))));
        if (oauth.Body?.Evaluate(context) is { Kind: ValueKind.Map } body)
        {
            foreach (var (name, value) in body.Map)
            {
                if (!fields.Has(name) && !value.IsNothing)
                    fields.Set(name, value);
            }
        }

        var asJson = parts.Headers.TryGetValue("Content-Type", out var type) && type.Contains("json", StringComparison.OrdinalIgnoreCase);
        if (asJson && !oauth.AsQuery)
        {
            parts.Json = fields;
            return;
        }

        foreach (var (name, value) in fields)
        {
            if (oauth.AsQuery)
                parts.AddQuery(name, value);
            else
                parts.AddForm(name, value);
        }

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                fields.Set(name, Value.Of(value));
        }
    }

    private TokenGrant? Grant(Value answer)
    {
        if (Find(answer, oauth.Names.AccessToken) is not { } access)
            return null;

        var rotated = oauth.Updater is { } updater ? Find(answer, updater.RefreshTokenName) : Find(answer, oauth.Names.RefreshToken);

        return new TokenGrant(access, End(Find(answer, oauth.Names.ExpiresIn)), rotated);
    }

    private DateTimeOffset End(string? expires)
    {
        var now = session.Ports.Clock.GetUtcNow();
        if (expires is null)
            return now + LifetimeUnknown;
        if (oauth.ExpiryFormat is { } format && Times.Parse(expires, format) is { } end)
            return end;

        return double.TryParse(expires, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e9
            ? now.AddSeconds(seconds)
            : Times.ParseLoose(expires) ?? now + LifetimeUnknown;
    }

    /// <summary>Platforms wrap their grants; the field is looked for at any depth, outermost first.</summary>
    private static string? Find(Value answer, string name)
    {
        var found = ValuePaths.Find(answer, ["**", name]).FirstOrDefault(value => !value.IsNothing);

        return found.IsNothing ? null : PythonText.Str(found);
    }

    private string? Config(IReadOnlyList<string> path) => ValuePaths.Get(session.Config, path) is { IsText: true, Text.Length: > 0 } value ? value.Text : null;
}
