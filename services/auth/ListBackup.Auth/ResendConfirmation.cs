using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class ResendConfirmation(IIdentities identities)
{
    public async Task<Accepted> RunAsync(EmailRequest request, ClientInfo client, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);

        await identities.ResendConfirmationAsync(request.Email, client, cancellation);
        return TypedResults.Accepted((string?)null);
    }
}
