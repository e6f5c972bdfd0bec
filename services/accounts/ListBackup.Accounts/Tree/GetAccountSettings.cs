using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class GetAccountSettings(IItemStore items)
{
    public async Task<Ok<SettingsBody>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var account = await items.FindAsync(AccountKeys.Profile(http.GetAccess().Account.Id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");
        http.WriteETag(account.Version);
        return TypedResults.Ok(new SettingsBody(account.Value.Settings));
    }
}
