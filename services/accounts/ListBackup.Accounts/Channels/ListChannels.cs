using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class ListChannels(IItemStore items)
{
    public async Task<Ok<Page<ChannelAnswer>>> RunAsync(HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(http.GetAccess().Account.Id),
            SortPrefix = "HOOK#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<ChannelAnswer>([.. page.Items.Select(i => ChannelAnswer.Of(ItemJson.Read(i, ChannelItemJson.Default.Channel).Value))], page.Next));
    }
}
