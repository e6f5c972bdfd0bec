using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class RevokeGrant(IItemStore items, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(TeamId teamId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var grant = await items.FindAsync(AccountKeys.Grant(access.Account.Id, teamId), AccessJson.Default.TeamGrant, cancellation) ?? throw Problem.NotFound("The grant");
        http.RequireMatch(grant.Version, "The grant");
        AccountRules.RequireReach(access, grant.Value.Role);

        await items.DeleteAsync(grant.Key, Condition.VersionIs(grant.Version), cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.grant-revoked", teamId.ToString(), cancellation, ("role", AccountRules.Name(grant.Value.Role)));
        return TypedResults.NoContent();
    }
}
