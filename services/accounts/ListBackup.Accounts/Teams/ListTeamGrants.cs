using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Where a team has roles. On AWS the index may lag behind a change by seconds.</summary>
public sealed class ListTeamGrants(IItemStore items, Teams teams)
{
    public async Task<Ok<Page<GrantAnswer>>> RunAsync(TeamId teamId, HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account;
        var team = await teams.GetAsync(account.Id, teamId, cancellation);
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, ByIndex = true, Partition = $"TEAM#{teamId}", SortPrefix = "ACC#", Limit = Paging.Limit(limit), Cursor = cursor }, cancellation);

        var answers = new List<GrantAnswer>();
        foreach (var item in page.Items)
        {
            var grant = ItemJson.Read(item, AccessJson.Default.TeamGrant).Value;
            // An account that was moved away is none of this account's business any more.
            if (await IsBelowAsync(grant.AccountId, account.Id, cancellation)) answers.Add(new(grant.AccountId, grant.TeamId, team.Value.Name, grant.Role, grant.Since));
        }
        return TypedResults.Ok(new Page<GrantAnswer>(answers, page.Next));
    }

    private async Task<bool> IsBelowAsync(AccountId account, AccountId above, CancellationToken cancellation) =>
        await items.FindAsync(AccountKeys.Profile(account), AccessJson.Default.Account, cancellation) is { } found && found.Value.Path.Contains(above);
}
