using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The teams with a role on just this account.</summary>
public sealed class ListGrants(IItemStore items, Teams teams)
{
    public async Task<Ok<Page<GrantAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account;
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(account.Id),
            SortPrefix = "GRANT#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);

        var answers = new List<GrantAnswer>();
        foreach (var item in page.Items)
        {
            var grant = ItemJson.Read(item, AccessJson.Default.TeamGrant).Value;
            // A team that is not found is no longer above this account: its grant is void, and listed so that it can be removed.
            var team = await teams.FindOnPathAsync(account.Path, grant.TeamId, cancellation);
            answers.Add(new(grant.AccountId, grant.TeamId, team?.Value.Name, grant.Role, grant.Since));
        }
        return TypedResults.Ok(new Page<GrantAnswer>(answers, page.Next));
    }
}
