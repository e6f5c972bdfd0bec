using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Gives a team of this account, or of one above, a role here and below.</summary>
public sealed class GrantTeam(IItemStore items, Teams teams, ActivityLog activities, TimeProvider clock)
{
    public async Task<Ok<GrantAnswer>> RunAsync(TeamId teamId, RoleRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var role = AccountRules.RequireRole(request.Role, "role");
        AccountRules.RequireReach(access, role);
        var team = await teams.FindOnPathAsync(access.Account.Path, teamId, cancellation) ?? throw Problem.NotFound("The team");
        var existing = await items.FindAsync(AccountKeys.Grant(access.Account.Id, teamId), AccessJson.Default.TeamGrant, cancellation);
        if (existing is not null)
        {
            http.RequireMatch(existing.Version, "The grant");
            AccountRules.RequireReach(access, existing.Value.Role);
        }

        var grant = new TeamGrant(access.Account.Id, teamId, role, clock.GetUtcNow());
        var raised = team.Value with { RoleCeiling = team.Value.RoleCeiling is { } ceiling && ceiling > role ? ceiling : role };
        await items.TransactAsync(
        [
            ItemWrite.Putting(ItemJson.Item(team.Key, raised, AccountItemJson.Default.Team), Condition.VersionIs(team.Version)),
            AccountWrites.PutGrant(grant, existing is null ? Condition.Absent : Condition.VersionIs(existing.Version)),
        ], cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.granted", teamId.ToString(), cancellation, ("role", AccountRules.Name(role)));
        http.WriteETag((existing?.Version ?? 0) + 1);
        return TypedResults.Ok(new GrantAnswer(grant.AccountId, teamId, team.Value.Name, role, grant.Since));
    }
}
