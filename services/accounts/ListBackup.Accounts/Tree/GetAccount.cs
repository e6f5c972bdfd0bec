using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class GetAccount(IItemStore items)
{
    public async Task<Results<Ok<AccountAnswer>, StatusCodeHttpResult>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var account = await items.FindAsync(AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");
        return http.IsNotModified(account.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(AccountAnswer.Of(account.Value, access.Role));
    }
}
