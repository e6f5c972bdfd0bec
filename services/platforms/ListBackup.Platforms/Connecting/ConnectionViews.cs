using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>What a person fills in to connect. For platforms with pages of their own for granting access, credentials are left out.</summary>
public sealed record NewConnection(string Name, string Platform)
{
    public JsonObject? Config { get; init; }

    public int? RequestsPerMinuteMax { get; init; }

    /// <summary>Share of the platform's daily quota that backups may use, 1 to 100 percent; for platforms of which a daily quota is known.</summary>
    public int? DailyPercentMax { get; init; }

    /// <summary>How many of its streams are read at the same time, 1 to 16, within what the connector allows; 2 where nobody says.</summary>
    public int? StreamsAtOnceMax { get; init; }
}

/// <summary>What is absent stays as it is. A new configuration replaces the old one; secrets that it leaves out are kept.</summary>
public sealed record ConnectionChange
{
    public string? Name { get; init; }

    public JsonObject? Config { get; init; }

    /// <summary>0 lifts the ceiling.</summary>
    public int? RequestsPerMinuteMax { get; init; }

    /// <summary>0 lifts the ceiling.</summary>
    public int? DailyPercentMax { get; init; }

    /// <summary>0 goes back to the default.</summary>
    public int? StreamsAtOnceMax { get; init; }
}

/// <summary>A connection as people see it: without anything secret.</summary>
public sealed record ConnectionView
{
    public required ConnectionId Id { get; init; }

    public required string Name { get; init; }

    public required string Platform { get; init; }

    public required JsonElement Config { get; init; }

    public required ConnectionHealthView Health { get; init; }

    public required bool ByOAuth { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public int? RequestsPerMinuteMax { get; init; }

    public int? DailyPercentMax { get; init; }

    public int? StreamsAtOnceMax { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required UserId CreatedBy { get; init; }

    public static ConnectionView Of(Connection connection) => new()
    {
        Id = connection.Id,
        Name = connection.Name,
        Platform = connection.Platform,
        Config = connection.Config,
        Health = ConnectionHealthView.Of(connection.Health),
        ByOAuth = connection.ByOAuth,
        Scopes = connection.Scopes,
        RequestsPerMinuteMax = connection.RequestsPerMinuteMax,
        DailyPercentMax = connection.DailyPercentMax,
        StreamsAtOnceMax = connection.StreamsAtOnceMax,
        CreatedAt = connection.CreatedAt,
        CreatedBy = connection.CreatedBy,
    };
}

public sealed record ConnectionHealthView(ConnectionState State, string? Reason, DateTimeOffset At)
{
    public static ConnectionHealthView Of(ConnectionHealth health) => new(health.State, health.Reason, health.At);
}

/// <summary>Scopes that the connector asks for, what the platform said it granted, and what is missing of it.</summary>
public sealed record ConnectionScopes(IReadOnlyList<string> Wanted, IReadOnlyList<string> Granted, IReadOnlyList<string> Missing);

public sealed record ConnectionTest(bool Succeeded, string? Reason, ConnectionHealthView Health)
{
    /// <summary>Why the platform's list of streams may lack some, which nobody can choose then, although the connection works; absent when nothing speaks for it.</summary>
    public string? Warning { get; init; }
}

/// <summary>A new configuration (secrets again), for connections that are not granted at the platform's pages.</summary>
public sealed record Reconnection
{
    public JsonObject? Config { get; init; }
}

/// <summary>Either the connection works again, or a person has to visit <see cref="AuthorizeUrl"/>.</summary>
public sealed record Reconnected(ConnectionView Connection, ConnectionTest? Test, Uri? AuthorizeUrl);

/// <summary>Where to send the person. The address is good once, for this browser, until it expires.</summary>
public sealed record OAuthStart(Uri AuthorizeUrl, DateTimeOffset ExpiresAt);
