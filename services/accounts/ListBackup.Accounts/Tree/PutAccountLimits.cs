using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Decides what an account's plan has room for. Only who manages the account above may: nobody gives themselves room.</summary>
public sealed class PutAccountLimits(IItemStore items, AccountAccess accounts, ActivityLog activities)
{
    public async Task<Ok<AccountLimits>> RunAsync(AccountLimits request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        if (request.Sources < 0 || request.Records < 0) throw Problem.Invalid(request.Sources < 0 ? "sources" : "records", "Use 0 or more, or leave it out for no limit.");
        if (access.Account.ParentId is not { } parent) throw Problem.NotAllowed("An account at the top of a tree has no limits but the installation's.", "no-account-above");
        if (await accounts.FindAsync(access.Caller, parent, cancellation) is not { } above || !PermissionTable.Allows(above.Role, Permission.AccountManage))
            throw Problem.NotAllowed("The limits of an account are set by who manages the account above it.", "not-above");

        await http.ChangeAsync(items, AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, "The account", account => account with { Limits = request }, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "account.limits-changed", access.Account.Id.ToString(), cancellation,
            ("sources", $"{request.Sources}"), ("records", $"{request.Records}"));
        return TypedResults.Ok(request);
    }
}
