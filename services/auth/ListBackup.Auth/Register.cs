using ListBackup.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

/// <summary>Answers the same whether or not the address is taken; what differs is the mail that its owner gets.</summary>
public sealed class Register(IIdentities identities, People people, TimeProvider clock)
{
    public async Task<Accepted> RunAsync(RegisterRequest request, ClientInfo client, CancellationToken cancellation)
    {
        AuthRules.RequireEmail(request.Email);
        var name = AuthRules.RequireName(request.Name, "name", User.NameLengthMax);
        var accountName = AuthRules.RequireName(request.AccountName ?? name, "accountName", Account.NameLengthMax);

        if (await identities.RegisterAsync(request.Email, request.Password, UserId.New(clock), client, cancellation) is { } user)
        {
            await people.PutUnconfirmedAsync(new()
            {
                Id = user,
                Email = EmailAddress.Normalize(request.Email),
                Name = name,
                CreatedAt = clock.GetUtcNow(),
                HomeAccountId = AccountId.New(clock),
                HomeAccountName = accountName,
            }, cancellation);
        }
        return TypedResults.Accepted((string?)null);
    }
}
