using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class UpdateTeam(IItemStore items, ActivityLog activities)
{
    public async Task<Ok<TeamAnswer>> RunAsync(TeamId teamId, TeamRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = AccountRules.RequireName(request.Name, Team.NameLengthMax);

        var team = await http.ChangeAsync(items, AccountItemKeys.Team(access.Account.Id, teamId), AccountItemJson.Default.Team, "The team", t => t with { Name = name }, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.renamed", teamId.ToString(), cancellation, ("to", name));
        return TypedResults.Ok(TeamAnswer.Of(team.Value));
    }
}
