using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class AnswerMfa(IIdentities identities, People people, TimeProvider clock)
{
    private const int ChallengeLengthMax = 4096;

    public async Task<Ok<SignInAnswer>> RunAsync(MfaRequest request, HttpContext http, CancellationToken cancellation)
    {
        AuthRules.RequireCode(request.Code);
        if (request.Challenge.Length is 0 or > ChallengeLengthMax) throw Problem.Invalid("challenge", "Send the challenge that the login answered with.");

        var tokens = await identities.AnswerChallengeAsync(request.Challenge, request.Code, http.GetClientInfo(), cancellation);
        await people.LogAsync(tokens.UserId, "user.signed-in", cancellation, ("session", tokens.SessionId.ToString()), ("secondFactor", "yes"));
        return TypedResults.Ok(RefreshCookie.Answer(http, tokens, clock));
    }
}
