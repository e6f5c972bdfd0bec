using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class GetMfa(IIdentities identities)
{
    public async Task<Ok<MfaAnswer>> RunAsync(SignedIn who, CancellationToken cancellation)
    {
        var factor = await identities.GetSecondFactorAsync(who, cancellation);
        return TypedResults.Ok(new MfaAnswer(factor.Totp, factor.RecoveryCodesLeft));
    }
}
