using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class ListTeams(IItemStore items)
{
    public async Task<Ok<Page<TeamAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(http.GetAccess().Account.Id),
            SortPrefix = "TEAM#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<TeamAnswer>([.. page.Items.Select(i => TeamAnswer.Of(ItemJson.Read(i, AccountItemJson.Default.Team).Value))], page.Next));
    }
}
