using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class UpdateAccount(IItemStore items, ActivityLog activities)
{
    public async Task<Ok<AccountAnswer>> RunAsync(AccountRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = AccountRules.RequireName(request.Name, Account.NameLengthMax);

        var changed = await http.ChangeAsync(
            items, AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, "The account", account => account with { Name = name }, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "account.renamed", access.Account.Id.ToString(), cancellation, ("from", access.Account.Name), ("to", name));
        return TypedResults.Ok(AccountAnswer.Of(changed.Value, access.Role));
    }
}
