using System.Text.Json.Serialization;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>The address at which a platform may call about a connection, <c>CONN#id / WEBHOOK</c> of the tokens table. While it is there, calls are taken.</summary>
public sealed record ConnectionWebhook
{
    public required AccountId AccountId { get; init; }

    public required ConnectionId ConnectionId { get; init; }

    /// <summary>SHA-256 of the last part of the address, in hex.</summary>
    public required string TokenHash { get; init; }

    /// <summary>The last part of the address, sealed, so that it can be shown again to whoever may change it.</summary>
    public required string SealedToken { get; init; }

    /// <summary>What the platform signs with, sealed; null: nobody has given it yet, and signed calls are refused.</summary>
    public string? SealedSecret { get; init; }

    /// <summary>The secret was taken from the connection's configuration.</summary>
    public bool IsSecretOfConfiguration { get; init; }

    public required DateTimeOffset EnabledAt { get; init; }

    /// <summary>When a call was taken last, to the minute.</summary>
    public DateTimeOffset? LastCallAt { get; init; }

    /// <summary>When a call was refused last, to the minute, and why.</summary>
    public DateTimeOffset? LastRefusalAt { get; init; }

    public string? LastRefusal { get; init; }

    public static ItemKey Key(ConnectionId connection) => new(Table.Tokens, ConnectionKeys.Partition(connection), "WEBHOOK");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionWebhook))]
public sealed partial class WebhookJson : JsonSerializerContext;
