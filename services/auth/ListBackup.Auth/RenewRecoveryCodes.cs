using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class RenewRecoveryCodes(IIdentities identities, People people)
{
    public async Task<Ok<RecoveryCodesAnswer>> RunAsync(PasswordRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        AuthRules.RequirePassword(request.Password, "password");

        var codes = await identities.RenewRecoveryCodesAsync(who, request.Password, http.GetClientInfo(), cancellation);
        await people.LogAsync(who.UserId, "user.recovery-codes-renewed", cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesAnswer(codes));
    }
}
