using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class VerifyTotp(IIdentities identities, People people)
{
    public async Task<Ok<RecoveryCodesAnswer>> RunAsync(CodeRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        AuthRules.RequireCode(request.Code);

        var codes = await identities.VerifyTotpAsync(who, request.Code, http.GetClientInfo(), cancellation);
        await people.LogAsync(who.UserId, "user.second-factor-added", cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesAnswer(codes));
    }
}
