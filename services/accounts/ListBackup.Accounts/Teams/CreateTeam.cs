using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class CreateTeam(IItemStore items, ActivityLog activities, TimeProvider clock)
{
    private const int TeamsMax = 100;

    public async Task<Created<TeamAnswer>> RunAsync(TeamRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = AccountRules.RequireName(request.Name, Team.NameLengthMax);
        var existing = await items.QueryAsync(new() { Table = Table.Accounts, Partition = AccountKeys.Partition(access.Account.Id), SortPrefix = "TEAM#", Limit = TeamsMax }, cancellation);
        if (existing.Items.Count >= TeamsMax) throw Problem.Conflict($"An account has at most {TeamsMax} teams.", "too-many-teams");

        var team = new Team { Id = TeamId.New(clock), AccountId = access.Account.Id, Name = name, CreatedAt = clock.GetUtcNow() };
        await items.PutAsync(ItemJson.Item(AccountItemKeys.Team(team.AccountId, team.Id), team, AccountItemJson.Default.Team), Condition.Absent, cancellation);
        await activities.AppendAsync(team.AccountId, access.Caller.Actor, "team.created", team.Id.ToString(), cancellation, ("name", name));
        http.WriteETag(1);
        return TypedResults.Created($"/v1/accounts/{team.AccountId}/teams/{team.Id}", TeamAnswer.Of(team));
    }
}
