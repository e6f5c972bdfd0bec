using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>A customer's access to a platform, <c>ACC#id / CONN#id</c>. What is secret of it lies elsewhere; see <see cref="ConnectionSecrets"/>.</summary>
public sealed record Connection
{
    public const int NameLengthMax = 120;

    public required ConnectionId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Name { get; init; }

    /// <summary>A platform of the catalogue, or the id of a manifest that the customer brought.</summary>
    public required string Platform { get; init; }

    /// <summary>What the customer filled in, without what is secret.</summary>
    public required JsonElement Config { get; init; }

    public required ConnectionHealth Health { get; init; }

    /// <summary>True: access is granted at the platform's own pages, and renewed there by a person when it ends.</summary>
    public bool ByOAuth { get; init; }

    /// <summary>What the platform granted, where it said so.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The customer's own ceiling for our requests, all workers together; null: what the platform allows.</summary>
    public int? RequestsPerMinuteMax { get; init; }

    /// <summary>The share of the platform's daily quota that backups may use, in percent, 1 to 100; null: all of it.</summary>
    public int? DailyPercentMax { get; init; }

    /// <summary>How many of its streams are read at once, the connector's own limit aside; null: <see cref="StreamsAtOnce.Default"/>.</summary>
    public int? StreamsAtOnceMax { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required UserId CreatedBy { get; init; }
}

/// <summary>Whether the connection works, as far as anybody has tried.</summary>
public sealed record ConnectionHealth(ConnectionState State, string? Reason, DateTimeOffset At);

[JsonConverter(typeof(JsonStringEnumConverter<ConnectionState>))]
public enum ConnectionState
{
    /// <summary>Nobody has signed in at the platform yet.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,
    [JsonStringEnumMemberName("untested")] Untested,
    [JsonStringEnumMemberName("healthy")] Healthy,
    /// <summary>The platform refused it: a person must reconnect or correct the configuration.</summary>
    [JsonStringEnumMemberName("unhealthy")] Unhealthy,
}

/// <summary>Where the items of connections lie; see docs/data.md.</summary>
public static class ConnectionKeys
{
    public const string SortPrefix = "CONN#";

    public static ItemKey Connection(AccountId account, ConnectionId connection) => new(Table.Accounts, AccountKeys.Partition(account), SortPrefix + connection);

    /// <summary>The partition of what only workers read: tokens, budget and a migrated configuration.</summary>
    public static string Partition(ConnectionId connection) => $"CONN#{connection}";

    public static ItemKey Token(ConnectionId connection) => new(Table.Tokens, Partition(connection), "TOKEN");

    public static ItemKey Budget(ConnectionId connection) => new(Table.Tokens, Partition(connection), "BUDGET");

    /// <summary>Which streams are being read now, and which wait for one of them to end.</summary>
    public static ItemKey Places(ConnectionId connection) => new(Table.Tokens, Partition(connection), "PLACES");

    public static ItemKey Config(ConnectionId connection) => new(Table.Tokens, Partition(connection), "CONFIG");

    public static ItemKey Manifest(AccountId account, ManifestId manifest) => new(Table.Accounts, AccountKeys.Partition(account), ManifestSortPrefix + manifest);

    public const string ManifestSortPrefix = "MANIFEST#";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(CustomerManifest))]
[JsonSerializable(typeof(Announcement))]
public sealed partial class ConnectionJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenItem))]
[JsonSerializable(typeof(SealedGrant))]
[JsonSerializable(typeof(BudgetItem))]
[JsonSerializable(typeof(ConfigItem))]
internal sealed partial class WorkerJson : JsonSerializerContext;
