using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class PutAccountSettings(IItemStore items, ActivityLog activities)
{
    public async Task<Ok<SettingsBody>> RunAsync(SettingsBody request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        AccountRules.RequireSettings(request.Settings);

        var changed = await http.ChangeAsync(
            items, AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, "The account", account => account with { Settings = request.Settings }, cancellation);
        await activities.AppendAsync(
            access.Account.Id, access.Caller.Actor, "account.settings-changed", access.Account.Id.ToString(), cancellation, ("names", string.Join(' ', request.Settings.Keys.Order(StringComparer.Ordinal))));
        return TypedResults.Ok(new SettingsBody(changed.Value.Settings));
    }
}
