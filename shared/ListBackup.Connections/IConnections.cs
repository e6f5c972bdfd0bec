using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>The customers' accesses to their platforms, for everyone who works through one. The platforms service creates and changes them.</summary>
public interface IConnections
{
    /// <summary>What a person sees of a connection; null when the account has none of this id.</summary>
    Task<ConnectionInfo?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation);

    /// <summary>Opens a connection for reading or writing: connector loaded, secrets unsealed, tokens and rate budget shared with all other workers.</summary>
    /// <exception cref="Problem">NotFound: there is none. Conflict: its connector is no longer there, or it waits for its first sign-in at the platform.</exception>
    Task<OpenConnection> OpenAsync(AccountId account, ConnectionId connection, ConnectionUse use, CancellationToken cancellation);

    /// <summary>A worker was refused by the platform: a person must reconnect. Repetition is harmless, and so is a connection that is gone.</summary>
    Task MarkUnhealthyAsync(AccountId account, ConnectionId connection, string reason, CancellationToken cancellation);
}

/// <summary>What a connection is opened for.</summary>
public enum ConnectionUse
{
    /// <summary>A backup: the customer's ceiling in percent of the daily quota holds it.</summary>
    Backup,

    /// <summary>Something that a person waits for, such as a restore and the backup before it: its requests are counted, and the daily ceiling does not hold it.</summary>
    Urgent,
}

/// <summary>A connection without its secrets. <see cref="Platform"/> is a platform of the catalogue, or the id of a manifest that the customer brought.</summary>
public sealed record ConnectionInfo(ConnectionId Id, string Name, string Platform);

/// <summary>A connection, ready for use. Holds secrets; it never prints itself.</summary>
public sealed record OpenConnection
{
    public required ConnectionId Id { get; init; }

    public required string Platform { get; init; }

    public required Connector Connector { get; init; }

    /// <summary>Changes whenever the connector's manifest does: the start of its SHA-256, in hex.</summary>
    public required string ConnectorVersion { get; init; }

    /// <summary>How records are written back; null where the platform cannot be written to.</summary>
    public RestoreManifest? Restore { get; init; }

    public required ConnectorConfig Config { get; init; }

    public required ConnectorPorts Ports { get; init; }

    /// <summary>How many of its streams may be read at the same time, by all workers together; at least 1.</summary>
    public int StreamsAtOnce { get; init; } = Connections.StreamsAtOnce.Default;

    public override string ToString() => $"connection {Id}";
}
