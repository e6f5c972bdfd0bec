using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class RefreshSession(IIdentities identities, TimeProvider clock)
{
    public async Task<Ok<SignInAnswer>> RunAsync(RefreshRequest? request, HttpContext http, CancellationToken cancellation)
    {
        if (RefreshCookie.Read(http, request) is not { Length: > 0 } token) throw Problem.NotAuthenticated("There is no session. Sign in.", "session-ended");
        try
        {
            return TypedResults.Ok(RefreshCookie.Answer(http, await identities.RefreshAsync(token, http.GetClientInfo(), cancellation), clock));
        }
        catch (Problem problem) when (problem.Kind == ProblemKind.NotAuthenticated)
        {
            RefreshCookie.Clear(http);
            throw;
        }
    }
}
