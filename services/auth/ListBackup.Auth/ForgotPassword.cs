using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class ForgotPassword(IIdentities identities)
{
    public async Task<Accepted> RunAsync(EmailRequest request, ClientInfo client, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);

        await identities.ForgotPasswordAsync(request.Email, client, cancellation);
        return TypedResults.Accepted((string?)null);
    }
}
