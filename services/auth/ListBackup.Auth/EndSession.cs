using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class EndSession(IIdentities identities, People people)
{
    public async Task<NoContent> RunAsync(SessionId session, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        if (!await identities.EndSessionAsync(who, session, cancellation)) throw Problem.NotFound("The session");
        await people.LogAsync(who.UserId, "user.session-ended", cancellation, ("session", session.ToString()));
        return TypedResults.NoContent();
    }
}
