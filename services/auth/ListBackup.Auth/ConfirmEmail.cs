using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

public sealed class ConfirmEmail(IIdentities identities, People people)
{
    public async Task<NoContent> RunAsync(ConfirmRequest request, ClientInfo client, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);
        AuthRules.RequireCode(request.Code);

        var user = await identities.ConfirmAsync(request.Email, request.Code, client, cancellation);
        await people.ConfirmAsync(user, cancellation);
        return TypedResults.NoContent();
    }
}
