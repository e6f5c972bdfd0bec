using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class ResetPassword(IIdentities identities)
{
    public async Task<NoContent> RunAsync(ResetPasswordRequest request, ClientInfo client, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);
        AuthRules.RequireCode(request.Code);

        await identities.ResetPasswordAsync(request.Email, request.Code, request.NewPassword, client, cancellation);
        return TypedResults.NoContent();
    }
}
