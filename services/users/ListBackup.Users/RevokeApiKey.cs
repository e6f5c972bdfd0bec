using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

/// <summary>No new token at once; the tokens that are out stop working within seconds.</summary>
public sealed class RevokeApiKey(ApiKeys keys, People people)
{
    public async Task<NoContent> RunAsync(ApiKeyId apiKeyId, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        if (!await keys.RevokeAsync(who.UserId, apiKeyId, cancellation)) throw Problem.NotFound("The API key");
        await people.LogAsync(who.UserId, "api-key.revoked", cancellation, ("key", apiKeyId.ToString()));
        return TypedResults.NoContent();
    }
}
