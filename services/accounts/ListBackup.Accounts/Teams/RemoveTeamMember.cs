using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class RemoveTeamMember(IItemStore items, Teams teams, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(TeamId teamId, UserId userId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var team = await teams.GetAsync(access.Account.Id, teamId, cancellation);
        Teams.RequireReach(access, team.Value);
        var key = AccountKeys.TeamMember(access.Account.Id, teamId, userId);
        if (await items.GetAsync(key, cancellation) is null) throw Problem.NotFound("The member");

        await items.DeleteAsync(key, Condition.None, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.member-removed", teamId.ToString(), cancellation, ("user", userId.ToString()));
        return TypedResults.NoContent();
    }
}
