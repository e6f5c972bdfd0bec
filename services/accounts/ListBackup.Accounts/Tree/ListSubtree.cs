using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The account and all below it, each after the one above it. On AWS the index may lag behind a change by seconds.</summary>
public sealed class ListSubtree(IItemStore items)
{
    public async Task<Ok<Page<AccountAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var index = AccountKeys.PathIndex(http.GetAccess().Account.Path);
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            ByIndex = true,
            Partition = index.Partition,
            SortPrefix = index.Sort,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<AccountAnswer>([.. page.Items.Select(i => AccountAnswer.Of(ItemJson.Read(i, AccessJson.Default.Account).Value))], page.Next));
    }
}
