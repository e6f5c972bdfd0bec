using System.Text.Json;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Something that people may want to be told: a run failed, a snapshot is not proven, an anomaly. It carries no record content.</summary>
public sealed record Notification
{
    /// <summary>The name of the detail that holds where to look: a path of the web app, made a URL when it is delivered.</summary>
    public const string Link = "link";

    public required string Id { get; init; }

    public required AccountId AccountId { get; init; }

    /// <summary>What happened, as in the audit log: <c>run.failed</c>. Channels choose by it.</summary>
    public required string Event { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The id of what it happened to.</summary>
    public required string Subject { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>A few sentences: what happened, what it means, what to do.</summary>
    public required string Text { get; init; }

    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>One message of the notify queue: either something to tell, or one delivery of it to try.</summary>
public sealed record NotifyMessage
{
    public Notification? Notification { get; init; }

    public AccountId? AccountId { get; init; }

    public ChannelId? ChannelId { get; init; }

    public string? DeliveryId { get; init; }
}

/// <summary>Hands notifications to the notify queue, whose worker finds the channels of the account and of those above it.</summary>
public sealed class Notifications(IQueues queues, TimeProvider clock)
{
    /// <summary>Returns when the notification is queued. What is sent twice under the same <paramref name="id"/> is delivered once; null makes a fresh id.</summary>
    public Task SendAsync(
        AccountId account, string @event, string subject, string title, string text, string? id, CancellationToken cancellation, params (string Name, string Value)[] details)
    {
        var notification = new Notification
        {
            Id = id ?? NotificationId.New(clock).ToString(),
            AccountId = account,
            Event = @event,
            At = clock.GetUtcNow(),
            Subject = subject,
            Title = title,
            Text = text,
            Details = details.ToDictionary(d => d.Name, d => d.Value, StringComparer.Ordinal),
        };
        return queues.SendAsync(
            QueueName.Notify, JsonSerializer.Serialize(new NotifyMessage { Notification = notification }, NotificationJson.Default.NotifyMessage), TimeSpan.Zero, cancellation);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NotifyMessage))]
[JsonSerializable(typeof(Notification))]
public sealed partial class NotificationJson : JsonSerializerContext;
