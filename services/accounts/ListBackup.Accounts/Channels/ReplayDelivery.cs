using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Sends a past delivery again, with its id: a receiver that has it already can tell.</summary>
public sealed class ReplayDelivery(IItemStore items, Channels channels, ActivityLog activities)
{
    public async Task<Accepted<DeliveryAnswer>> RunAsync(ChannelId channelId, NotificationId deliveryId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await channels.GetAsync(access.Account.Id, channelId, cancellation);
        var delivery = await items.UpdateAsync(
            ChannelKeys.Delivery(access.Account.Id, channelId, deliveryId.ToString()), ChannelItemJson.Default.Delivery,
            d => d with { Status = DeliveryStatus.Pending, Attempts = 0, IsAskedFor = true, HeldUntil = null, Error = null, ResponseStatus = null }, cancellation) ?? throw Problem.NotFound("The delivery");

        await channels.QueueAsync(access.Account.Id, channelId, deliveryId.ToString(), TimeSpan.Zero, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "channel.delivery-replayed", channelId.ToString(), cancellation, ("delivery", deliveryId.ToString()));
        return TypedResults.Accepted((string?)null, DeliveryAnswer.Of(delivery.Value));
    }
}
