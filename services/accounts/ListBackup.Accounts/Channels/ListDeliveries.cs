using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>What went through a channel in the last 30 days, newest first.</summary>
public sealed class ListDeliveries(IItemStore items, Channels channels)
{
    public async Task<Ok<Page<DeliveryAnswer>>> RunAsync(ChannelId channelId, HttpContext http, int? limit, string? cursor, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        await channels.GetAsync(account, channelId, cancellation);
        var page = await items.QueryAsync(new()
        {
            Table = Table.Accounts,
            Partition = AccountKeys.Partition(account),
            SortPrefix = ChannelKeys.DeliveryPrefix(channelId),
            Descending = true,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<DeliveryAnswer>([.. page.Items.Select(i => DeliveryAnswer.Of(ItemJson.Read(i, ChannelItemJson.Default.Delivery).Value))], page.Next));
    }
}
