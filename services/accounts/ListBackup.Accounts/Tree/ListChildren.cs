using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The accounts one level below, oldest first.</summary>
public sealed class ListChildren(IItemStore items)
{
    public async Task<Ok<Page<AccountAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(access.Account.Id),
            SortPrefix = "CHILD#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);

        var children = new List<AccountAnswer>();
        foreach (var item in page.Items)
        {
            var key = AccountKeys.Profile(AccountId.Parse(item.Key.Sort["CHILD#".Length..]));
            if (await items.FindAsync(key, AccessJson.Default.Account, cancellation) is { } child) children.Add(AccountAnswer.Of(child.Value));
        }
        return TypedResults.Ok(new Page<AccountAnswer>(children, page.Next));
    }
}
