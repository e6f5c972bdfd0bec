using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class RemoveTotp(IIdentities identities, People people)
{
    public async Task<NoContent> RunAsync(PasswordRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        AuthRules.RequirePassword(request.Password, "password");

        await identities.RemoveTotpAsync(who, request.Password, http.GetClientInfo(), cancellation);
        await people.LogAsync(who.UserId, "user.second-factor-removed", cancellation);
        return TypedResults.NoContent();
    }
}
