using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class ChangePassword(IIdentities identities, People people)
{
    public async Task<NoContent> RunAsync(ChangePasswordRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        AuthRules.RequirePassword(request.CurrentPassword, "currentPassword");

        await identities.ChangePasswordAsync(who, request.CurrentPassword, request.NewPassword, http.GetClientInfo(), cancellation);
        await people.LogAsync(who.UserId, "user.password-changed", cancellation);
        return TypedResults.NoContent();
    }
}
