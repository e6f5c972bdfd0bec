using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Accounts;

[JsonConverter(typeof(EnumNames<ChannelKind>))]
public enum ChannelKind
{
    [JsonStringEnumMemberName("email")] Email,
    [JsonStringEnumMemberName("slack")] Slack,
    [JsonStringEnumMemberName("webhook")] Webhook,
}

[JsonConverter(typeof(EnumNames<DeliveryStatus>))]
public enum DeliveryStatus
{
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("delivered")] Delivered,
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>Where notifications of an account, and of all below it, go: <c>ACC#id / HOOK#channel</c>. Its secrets lie in ISecrets.</summary>
public sealed record Channel
{
    public const int NameLengthMax = 80;

    public required ChannelId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required ChannelKind Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>An address or a URL; for Slack, whose URL is itself a secret, only its host.</summary>
    public required string Target { get; init; }

    /// <summary>Names of events; one that ends in <c>*</c> means all that start so.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required bool Enabled { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public QuietHours? QuietHours { get; init; }

    public bool Wants(string @event) => Enabled && Events.Any(e => Matches(e, @event));

    /// <param name="pattern">A name, or the beginning of names before a <c>*</c>.</param>
    internal static bool Matches(string pattern, string @event) =>
        pattern.EndsWith('*') ? @event.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == @event;
}

/// <summary>One notification on its way through one channel, <c>ACC#id / DELIVERY#channel#id</c>, kept for 30 days.</summary>
public sealed record Delivery
{
    /// <summary>The notification's id: the same notification comes to the same delivery, however often it is queued.</summary>
    public required string Id { get; init; }

    public required ChannelId ChannelId { get; init; }

    public required Notification Notification { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DeliveryStatus Status { get; init; }

    /// <summary>A person asked for it now: it does not wait for the end of quiet hours.</summary>
    public bool IsAskedFor { get; init; }

    /// <summary>It waits for the end of the channel's quiet hours.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? LastAttemptAt { get; init; }

    /// <summary>The receiver's HTTP status, where it answered.</summary>
    public int? ResponseStatus { get; init; }

    public string? Error { get; init; }
}

internal static class ChannelKeys
{
    public static ItemKey Channel(AccountId account, ChannelId channel) => new(Table.Accounts, AccountKeys.Partition(account), $"HOOK#{channel}");

    public static string DeliveryPrefix(ChannelId channel) => $"DELIVERY#{channel}#";

    public static ItemKey Delivery(AccountId account, ChannelId channel, string delivery) => new(Table.Accounts, AccountKeys.Partition(account), DeliveryPrefix(channel) + delivery);

    /// <summary>A webhook's signing key, or Slack's URL.</summary>
    public static string Secret(ChannelId channel) => $"channels/{channel}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Channel))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(SlackMessage))]
internal sealed partial class ChannelItemJson : JsonSerializerContext;

internal sealed record SlackMessage(string Text);
