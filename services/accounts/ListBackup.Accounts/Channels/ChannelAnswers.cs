using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <param name="Kind">email, slack or webhook.</param>
/// <param name="Name">For people.</param>
/// <param name="Target">An address of a member, Slack's webhook URL, or an https URL.</param>
/// <param name="Events">Such as <c>run.failed</c>, <c>snapshot.*</c> or <c>*</c>.</param>
public sealed record ChannelRequest(ChannelKind Kind, string Name, string Target, IReadOnlyList<string> Events)
{
    /// <summary>When deliveries wait. Absent: never.</summary>
    public QuietHours? QuietHours { get; init; }
}

/// <summary>What is absent stays as it is; what is named in <see cref="Clear"/> is taken away.</summary>
public sealed record ChannelChangeRequest
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? Events { get; init; }

    public bool? Enabled { get; init; }

    public QuietHours? QuietHours { get; init; }

    /// <summary><c>quietHours</c>.</summary>
    public IReadOnlyList<string>? Clear { get; init; }
}

public sealed record ChannelAnswer
{
    public required ChannelId Id { get; init; }

    public required ChannelKind Kind { get; init; }

    public required string Name { get; init; }

    public required string Target { get; init; }

    public required IReadOnlyList<string> Events { get; init; }

    public required bool Enabled { get; init; }

    public QuietHours? QuietHours { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A webhook's signing key: in the answer that made it, and never again.</summary>
    public string? SigningSecret { get; init; }

    public static ChannelAnswer Of(Channel channel, string? signingSecret = null) => new()
    {
        Id = channel.Id,
        Kind = channel.Kind,
        Name = channel.Name,
        Target = channel.Target,
        Events = channel.Events,
        Enabled = channel.Enabled,
        QuietHours = channel.QuietHours,
        CreatedAt = channel.CreatedAt,
        SigningSecret = signingSecret,
    };
}

public sealed record DeliveryAnswer
{
    public required string Id { get; init; }

    public required string Event { get; init; }

    public required string Title { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastAttemptAt { get; init; }

    /// <summary>It waits for the end of the channel's quiet hours.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    public int? ResponseStatus { get; init; }

    public string? Error { get; init; }

    public static DeliveryAnswer Of(Delivery delivery) => new()
    {
        Id = delivery.Id,
        Event = delivery.Notification.Event,
        Title = delivery.Notification.Title,
        Status = delivery.Status,
        Attempts = delivery.Attempts,
        CreatedAt = delivery.CreatedAt,
        LastAttemptAt = delivery.LastAttemptAt,
        HeldUntil = delivery.HeldUntil,
        ResponseStatus = delivery.ResponseStatus,
        Error = delivery.Error,
    };
}
