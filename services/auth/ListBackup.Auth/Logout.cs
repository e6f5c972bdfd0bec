using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class Logout(IIdentities identities)
{
    public async Task<NoContent> RunAsync(RefreshRequest? request, HttpContext http, CancellationToken cancellation)
    {
        if (RefreshCookie.Read(http, request) is { Length: > 0 } token) await identities.SignOutAsync(token, cancellation);
        if (http.Features.Get<Caller>() is { SessionId: { } session }) await identities.EndSessionAsync(http.GetSignedIn(), session, cancellation);
        RefreshCookie.Clear(http);
        return TypedResults.NoContent();
    }
}
