using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Sends a notification through one channel, whatever events it wants. The outcome shows in its deliveries.</summary>
public sealed class TestChannel(Channels channels, ActivityLog activities, TimeProvider clock)
{
    public async Task<Accepted<DeliveryAnswer>> RunAsync(ChannelId channelId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var channel = await channels.GetAsync(access.Account.Id, channelId, cancellation);
        var delivery = await channels.BeginAsync(channel.Value, new()
        {
            Id = NotificationId.New(clock).ToString(),
            AccountId = access.Account.Id,
            Event = "channel.test",
            At = clock.GetUtcNow(),
            Subject = channelId.ToString(),
            Title = "Test of a ListBackup channel",
            Text = $"The channel {channel.Value.Name} of {access.Account.Name} works.",
        }, cancellation, isAskedFor: true);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "channel.tested", channelId.ToString(), cancellation);
        return TypedResults.Accepted((string?)null, DeliveryAnswer.Of(delivery));
    }
}
