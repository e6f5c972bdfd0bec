using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>Channels and their deliveries, where they lie.</summary>
public sealed class Channels(IItemStore items, IQueues queues, TimeProvider clock)
{
    private static readonly TimeSpan DeliveryKept = TimeSpan.FromDays(30);

    public async Task<Stored<Channel>> GetAsync(AccountId account, ChannelId channel, CancellationToken cancellation) =>
        await items.FindAsync(ChannelKeys.Channel(account, channel), ChannelItemJson.Default.Channel, cancellation) ?? throw Problem.NotFound("The channel");

    /// <summary>Notes a delivery, once per notification and channel, and queues its first attempt (again, should the first time have been cut off).</summary>
    public async Task<Delivery> BeginAsync(Channel channel, Notification notification, CancellationToken cancellation, bool isAskedFor = false)
    {
        var delivery = new Delivery { Id = notification.Id, ChannelId = channel.Id, Notification = notification, IsAskedFor = isAskedFor, CreatedAt = clock.GetUtcNow() };
        try
        {
            await items.PutAsync(
                ItemJson.Item(ChannelKeys.Delivery(channel.AccountId, channel.Id, delivery.Id), delivery, ChannelItemJson.Default.Delivery, expiresAt: delivery.CreatedAt + DeliveryKept),
                Condition.Absent, cancellation);
        }
        catch (ConditionFailedException)
        {
            // The notification came twice.
        }
        await QueueAsync(channel.AccountId, channel.Id, delivery.Id, TimeSpan.Zero, cancellation);
        return delivery;
    }

    public Task QueueAsync(AccountId account, ChannelId channel, string delivery, TimeSpan delay, CancellationToken cancellation) => queues.SendAsync(
        QueueName.Notify,
        JsonSerializer.Serialize(new NotifyMessage { AccountId = account, ChannelId = channel, DeliveryId = delivery }, NotificationJson.Default.NotifyMessage),
        delay, cancellation);

    public static string NewSigningSecret() => StandardWebhooks.SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
