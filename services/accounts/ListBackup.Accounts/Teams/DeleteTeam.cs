using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Its people lose its roles first, so that stopping halfway leaves no role behind. Safe to repeat.</summary>
public sealed class DeleteTeam(IItemStore items, Teams teams, ActivityLog activities)
{
    private const int BatchMax = 100;

    public async Task<NoContent> RunAsync(TeamId teamId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var team = await teams.GetAsync(access.Account.Id, teamId, cancellation);
        http.RequireMatch(team.Version, "The team");
        Teams.RequireReach(access, team.Value);

        await DeleteAllAsync(new() { Table = Table.Accounts, Partition = AccountKeys.Partition(access.Account.Id), SortPrefix = $"TEAMMEMBER#{teamId}#", Limit = BatchMax }, cancellation);
        await DeleteAllAsync(new() { Table = Table.Accounts, ByIndex = true, Partition = $"TEAM#{teamId}", Limit = BatchMax }, cancellation);
        await items.DeleteAsync(team.Key, Condition.None, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.deleted", teamId.ToString(), cancellation, ("name", team.Value.Name));
        return TypedResults.NoContent();
    }

    private async Task DeleteAllAsync(ItemQuery query, CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var page = await items.QueryAsync(query with { Cursor = cursor }, cancellation);
            if (page.Items.Count > 0) await items.TransactAsync([.. page.Items.Select(i => ItemWrite.Deleting(i.Key))], cancellation);
            cursor = page.Next;
        }
        while (cursor is not null);
    }
}
