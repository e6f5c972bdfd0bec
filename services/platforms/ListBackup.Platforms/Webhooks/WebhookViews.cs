using System.Text.Json.Serialization;
using ListBackup.Connectors.Hooks;

namespace ListBackup.Platforms;

/// <summary>Both may be left out: then the address is made, or stays as it is.</summary>
public sealed record ConnectionWebhookChange
{
    /// <summary>What the platform signs its calls with, as it shows it; 8 to 500 characters. Never shown again.</summary>
    public string? Secret { get; init; }

    /// <summary>Makes another address; the one of before is nobody's from then on.</summary>
    public bool NewAddress { get; init; }
}

/// <summary>Where a platform calls about a connection, and how that goes.</summary>
public sealed record ConnectionWebhookView
{
    /// <summary>What to enter at the platform. Nobody else has to know it.</summary>
    public required string Address { get; init; }

    public required ConnectionWebhookState State { get; init; }

    /// <summary>The header that bears the platform's signature; absent: the platform does not sign.</summary>
    public string? SignatureHeader { get; init; }

    /// <summary>Types of events to choose at the platform, and the streams that each makes us read.</summary>
    public required IReadOnlyList<ConnectionWebhookType> Types { get; init; }

    public required DateTimeOffset EnabledAt { get; init; }

    /// <summary>When a call was taken last, to the minute.</summary>
    public DateTimeOffset? LastCallAt { get; init; }

    /// <summary>When a call was refused last, to the minute.</summary>
    public DateTimeOffset? LastRefusalAt { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? LastRefusal { get; init; }

    internal static ConnectionWebhookView Of(ConnectionWebhook webhook, string address, WebhookDescription description) => new()
    {
        Address = address,
        State = description.Signature is not null && webhook.SealedSecret is null ? ConnectionWebhookState.Waiting : ConnectionWebhookState.Ready,
        SignatureHeader = description.Signature?.Header,
        Types = [.. description.Topics.Select(topic => new ConnectionWebhookType(topic.Pattern, topic.Streams))],
        EnabledAt = webhook.EnabledAt,
        LastCallAt = webhook.LastCallAt,
        LastRefusalAt = webhook.LastRefusalAt,
        LastRefusal = webhook.LastRefusal,
    };
}

[JsonConverter(typeof(JsonStringEnumConverter<ConnectionWebhookState>))]
public enum ConnectionWebhookState
{
    /// <summary>Calls are taken.</summary>
    [JsonStringEnumMemberName("ready")] Ready,
    /// <summary>The platform's secret is not known yet; until it is, calls are refused.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,
}

/// <param name="Type">A type of event; an asterisk at its end stands for any rest.</param>
/// <param name="Streams">What is read when it comes.</param>
public sealed record ConnectionWebhookType(string Type, IReadOnlyList<string> Streams);
