using System.Net;
using System.Text.Json;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>
/// Works off the notify queue. A notification becomes one delivery per channel that wants it, of its account and of those above; a delivery is tried until
/// it succeeds or has been tried often enough. Receivers may see a delivery twice and know it by its id.
/// </summary>
public sealed class NotifyWorker(IItemStore items, Channels channels, IMail mail, ISecrets secrets, WebhookHttp http, AccountOptions options, TimeProvider clock) : IMessageHandler
{
    // About an hour in all. Later ones are replayed by hand, from the list of deliveries.
    private static readonly TimeSpan[] RetryDelays =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15)];

    // What a queue takes at most, SQS' limit.
    private static readonly TimeSpan HoldMax = TimeSpan.FromMinutes(15);

    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var work = JsonSerializer.Deserialize(message.Body, NotificationJson.Default.NotifyMessage) ?? throw new InvalidDataException("A message of the notify queue is null.");
        if (work.Notification is { } notification) await FanOutAsync(WithWholeLink(notification), cancellation);
        else if (work is { AccountId: { } account, ChannelId: { } channel, DeliveryId: { } delivery }) await DeliverAsync(account, channel, delivery, cancellation);
        else throw new InvalidDataException("A message of the notify queue names neither a notification nor a delivery.");
    }

    private async Task FanOutAsync(Notification notification, CancellationToken cancellation)
    {
        // An account that is gone has nobody to tell.
        if (await items.FindAsync(AccountKeys.Profile(notification.AccountId), AccessJson.Default.Account, cancellation) is not { } account) return;
        foreach (var above in account.Value.Path)
        {
            var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(above), SortPrefix = "HOOK#" };
            await foreach (var item in items.AllAsync(query, cancellation))
            {
                var channel = ItemJson.Read(item, ChannelItemJson.Default.Channel).Value;
                if (channel.Wants(notification.Event)) await channels.BeginAsync(channel, notification, cancellation);
            }
        }
    }

    /// <summary>Services name a page by its path; where it is opened only the host knows.</summary>
    private Notification WithWholeLink(Notification notification) => !notification.Details.TryGetValue(Notification.Link, out var path) || path is not ['/', ..]
        ? notification
        : notification with { Details = new Dictionary<string, string>(notification.Details, StringComparer.Ordinal) { [Notification.Link] = options.PublicUrl + path } };

    private async Task DeliverAsync(AccountId account, ChannelId channelId, string deliveryId, CancellationToken cancellation)
    {
        var key = ChannelKeys.Delivery(account, channelId, deliveryId);
        if (await items.FindAsync(key, ChannelItemJson.Default.Delivery, cancellation) is not { Value.Status: DeliveryStatus.Pending } delivery) return;
        if (await items.FindAsync(ChannelKeys.Channel(account, channelId), ChannelItemJson.Default.Channel, cancellation) is not { } channel) return;
        if (HeldUntil(channel.Value, delivery.Value) is { } end)
        {
            await HoldAsync(channel.Value, delivery.Value, end, cancellation);
            return;
        }

        var outcome = await TryAsync(channel.Value, delivery.Value, cancellation);
        var attempts = delivery.Value.Attempts + 1;
        var status = outcome.Error is null ? DeliveryStatus.Delivered : attempts > RetryDelays.Length ? DeliveryStatus.Failed : DeliveryStatus.Pending;
        await items.UpdateAsync(key, ChannelItemJson.Default.Delivery, d => d with
        {
            Status = status,
            Attempts = attempts,
            LastAttemptAt = clock.GetUtcNow(),
            HeldUntil = null,
            ResponseStatus = outcome.Status is { } answered ? (int)answered : null,
            Error = outcome.Error,
        }, cancellation);
        if (status == DeliveryStatus.Pending) await channels.QueueAsync(account, channelId, deliveryId, RetryDelays[attempts - 1], cancellation);
    }

    private DateTimeOffset? HeldUntil(Channel channel, Delivery delivery) =>
        delivery.IsAskedFor ? null : channel.QuietHours?.WaitsUntil(delivery.Notification.Event, clock.GetUtcNow());

    /// <summary>Comes again when the quiet is over. A queue delays so long at most, so it may ask several times; hours that were changed meanwhile count at once.</summary>
    private async Task HoldAsync(Channel channel, Delivery delivery, DateTimeOffset end, CancellationToken cancellation)
    {
        if (delivery.HeldUntil != end)
            await items.UpdateAsync(ChannelKeys.Delivery(channel.AccountId, channel.Id, delivery.Id), ChannelItemJson.Default.Delivery, d => d with { HeldUntil = end }, cancellation);
        // The quiet may have ended a moment ago.
        var wait = TimeSpan.FromTicks(Math.Clamp((end - clock.GetUtcNow()).Ticks, 0, HoldMax.Ticks));
        await channels.QueueAsync(channel.AccountId, channel.Id, delivery.Id, wait, cancellation);
    }

    /// <summary>One attempt. What the receiver does wrong is an outcome; what fails on our side is an exception, and the queue delivers the message again.</summary>
    private async Task<(HttpStatusCode? Status, string? Error)> TryAsync(Channel channel, Delivery delivery, CancellationToken cancellation)
    {
        try
        {
            return channel.Kind switch
            {
                ChannelKind.Email => await MailAsync(channel, delivery.Notification, cancellation),
                ChannelKind.Slack => Judge(await PostToSlackAsync(channel, delivery.Notification, cancellation)),
                _ => Judge(await PostSignedAsync(channel, delivery, cancellation)),
            };
        }
        catch (HttpRequestException unreachable)
        {
            return (null, unreachable.InnerException is HttpRequestException inner ? inner.Message : $"No connection: {unreachable.HttpRequestError}. {unreachable.Message}");
        }
        catch (TimeoutException late)
        {
            return (null, late.Message);
        }
    }

    private static (HttpStatusCode?, string?) Judge(HttpStatusCode status) =>
        (int)status is >= 200 and < 300 ? (status, null) : (status, $"The receiver answered {(int)status}.");

    private async Task<(HttpStatusCode?, string?)> MailAsync(Channel channel, Notification notification, CancellationToken cancellation)
    {
        var details = string.Concat(notification.Details.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"\n{d.Key}: {d.Value}"));
        await mail.SendAsync(new(channel.Target, notification.Title, $"{notification.Text}\n{details}\n\n{notification.Event} · {notification.Subject} · {notification.At:u}"), cancellation);
        return (null, null);
    }

    private async Task<HttpStatusCode> PostToSlackAsync(Channel channel, Notification notification, CancellationToken cancellation)
    {
        var url = new Uri(await SecretAsync(channel, cancellation));
        var link = notification.Details.TryGetValue(Notification.Link, out var page) ? $"\n{Escape(page)}" : "";
        var text = $"*{Escape(notification.Title)}*\n{Escape(notification.Text)}{link}";
        return await http.PostAsync(url, JsonSerializer.Serialize(new(text), ChannelItemJson.Default.SlackMessage), [], cancellation);

        // Slack's own three: whatever else stands there is text.
        static string Escape(string s) => s.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> PostSignedAsync(Channel channel, Delivery delivery, CancellationToken cancellation)
    {
        var secret = await SecretAsync(channel, cancellation);
        var body = JsonSerializer.Serialize(delivery.Notification, NotificationJson.Default.Notification);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        return await http.PostAsync(new(channel.Target), body,
        [
            (StandardWebhooks.IdHeader, delivery.Id),
            (StandardWebhooks.TimestampHeader, timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            (StandardWebhooks.SignatureHeader, StandardWebhooks.Sign(secret, delivery.Id, timestamp, body)),
        ], cancellation);
    }

    private async Task<string> SecretAsync(Channel channel, CancellationToken cancellation) =>
        await secrets.FindAsync(ChannelKeys.Secret(channel.Id), cancellation) ?? throw new InvalidOperationException($"The secret of channel {channel.Id} is gone.");
}
