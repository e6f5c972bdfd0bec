using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

/// <summary>A key has 256 random bits: guessing it needs no lock-out, only the rate limit that everybody has.</summary>
public sealed class ExchangeApiKey(ApiKeys keys, IIdentities identities, TimeProvider clock)
{
    public async Task<Ok<TokenAnswer>> RunAsync(TokenRequest request, CancellationToken cancellation)
    {
        var key = await keys.ProveAsync(request.ApiKey, cancellation)
            ?? throw Problem.NotAuthenticated("This API key is wrong, was revoked, or has expired.", "wrong-api-key");
        var token = await identities.IssueForApiKeyAsync(new(key.UserId, key.Id, key.Scopes, key.Accounts), cancellation);
        return TypedResults.Ok(new TokenAnswer(token.Token, (int)(token.ExpiresAt - clock.GetUtcNow()).TotalSeconds));
    }
}
