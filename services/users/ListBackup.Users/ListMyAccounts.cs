using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

/// <summary>Where the caller has a role of their own or through a team, oldest account first. On AWS the index may lag behind a change by seconds.</summary>
public sealed class ListMyAccounts(IItemStore items, Memberships memberships, AccountAccess accounts)
{
    public async Task<Ok<Page<ReachableAccountAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var caller = http.GetCaller();
        var wanted = Paging.Limit(limit);
        if (cursor is not null && !AccountId.TryParse(cursor, out _)) throw Problem.Invalid("cursor", "Use the nextCursor of the page before.");

        var found = new List<ReachableAccountAnswer>();
        foreach (var account in await EntriesAsync(caller.UserId, cancellation))
        {
            if (cursor is not null && string.CompareOrdinal(account.ToString(), cursor) <= 0) continue;
            if (found.Count == wanted) return Page(found, found[^1].Id.ToString());
            // The same check that every request passes: grants that became void, and keys for other accounts, drop out here.
            if (await accounts.FindAsync(caller, account, cancellation) is { } access)
                found.Add(new(account, access.Account.Name, access.Account.Path, access.Role, access.Account.DeletedAt));
        }
        return Page(found, null);
    }

    private async Task<IEnumerable<AccountId>> EntriesAsync(UserId user, CancellationToken cancellation)
    {
        var entries = (await memberships.OfUserAsync(user, cancellation)).Select(m => m.AccountId).ToHashSet();
        var teams = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = $"USER#{user}", SortPrefix = "TEAM#" };
        await foreach (var team in items.AllAsync(teams, cancellation))
        {
            var id = ItemJson.Read(team, AccessJson.Default.TeamMembership).Value.TeamId;
            await foreach (var grant in items.AllAsync(teams with { Partition = $"TEAM#{id}", SortPrefix = "ACC#" }, cancellation))
                entries.Add(ItemJson.Read(grant, AccessJson.Default.TeamGrant).Value.AccountId);
        }
        return entries.OrderBy(id => id.ToString(), StringComparer.Ordinal);
    }

    private static Ok<Page<ReachableAccountAnswer>> Page(IReadOnlyList<ReachableAccountAnswer> found, string? next) =>
        TypedResults.Ok(new Page<ReachableAccountAnswer>(found, next));
}
