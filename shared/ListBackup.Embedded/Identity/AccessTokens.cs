using ListBackup.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ListBackup.Embedded.Identity;

/// <summary>Access tokens: JWTs (RFC 9068) signed with ES256, and the rules by which they are accepted.</summary>
internal sealed class AccessTokens(SigningKeys signingKeys, IdentityOptions options, TimeProvider clock)
{
    public const string TokenType = "at+jwt";
    // The clocks of our own processes differ by less.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public Task<AccessToken> IssueAsync(UserId user, SessionId session, CancellationToken cancellation) =>
        SignAsync(new() { ["sub"] = user.ToString(), ["sid"] = session.ToString() }, cancellation);

    public Task<AccessToken> IssueAsync(ApiKeyGrant grant, CancellationToken cancellation)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = grant.UserId.ToString(),
            ["key"] = grant.KeyId.ToString(),
            ["scope"] = string.Join(' ', grant.Scopes),
        };
        if (grant.Accounts is { } accounts) claims["accounts"] = string.Join(' ', accounts);
        return SignAsync(claims, cancellation);
    }

    /// <summary>Only ES256, only our keys, only our issuer, audience and token type, only in time. What is not named here is refused by default.</summary>
    public TokenValidationParameters Rules() => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidTypes = [TokenType],
        ValidIssuer = options.Issuer,
        ValidAudience = options.Audience,
        ValidateIssuer = true,
        ValidateAudience = true,
        ValidateIssuerSigningKey = true,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        NameClaimType = "sub",
        // The library's own check reads the machine's clock.
        LifetimeValidator = (notBefore, expires, _, _) =>
            expires is { } end && clock.GetUtcNow().UtcDateTime < end + ClockSkew && (notBefore is not { } start || clock.GetUtcNow().UtcDateTime >= start - ClockSkew),
    };

    private async Task<AccessToken> SignAsync(Dictionary<string, object> claims, CancellationToken cancellation)
    {
        var key = (await signingKeys.GetAsync(cancellation))[0];
        var now = clock.GetUtcNow();
        var expires = now + options.AccessTokenLifetime;
        claims["jti"] = Guid.CreateVersion7(now).ToString("N");
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Issuer,
            Audience = options.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = claims,
            TokenType = TokenType,
            SigningCredentials = new(key, SecurityAlgorithms.EcdsaSha256),
        });
        return new(token, expires);
    }
}
