using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class EnrolTotp(IIdentities identities)
{
    public async Task<Ok<TotpAnswer>> RunAsync(PasswordRequest request, HttpContext http, CancellationToken cancellation)
    {
        AuthRules.RequirePassword(request.Password, "password");

        var enrolment = await identities.EnrolTotpAsync(http.GetSignedIn(), request.Password, http.GetClientInfo(), cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TotpAnswer(enrolment.Secret, enrolment.Uri));
    }
}
