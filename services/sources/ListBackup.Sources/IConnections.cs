using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>The customers' accesses to their platforms, as this service needs them. The platforms service keeps them.</summary>
public interface IConnections
{
    /// <summary>What a person sees of a connection; null when the account has none of this id.</summary>
    Task<ConnectionInfo?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation);

    /// <summary>Opens a connection for reading or writing: connector loaded, secrets unsealed, tokens and rate budget shared with all other workers.</summary>
    /// <exception cref="Problem">There is none, or its connector is no longer there.</exception>
    Task<OpenConnection> OpenAsync(AccountId account, ConnectionId connection, CancellationToken cancellation);

    /// <summary>A worker was refused by the platform: a person must reconnect. Repetition is harmless.</summary>
    Task MarkUnhealthyAsync(AccountId account, ConnectionId connection, string reason, CancellationToken cancellation);
}

/// <summary>A connection without its secrets.</summary>
public sealed record ConnectionInfo(ConnectionId Id, string Name, string Platform);

/// <summary>A connection, ready for use. Holds secrets; it never prints itself.</summary>
public sealed record OpenConnection
{
    public required ConnectionId Id { get; init; }

    public required Connector Connector { get; init; }

    /// <summary>Name and version of the connector, for manifests.</summary>
    public required ConnectorIdentity Identity { get; init; }

    /// <summary>How records are written back; null where the platform cannot be written to.</summary>
    public RestoreManifest? Restore { get; init; }

    public required ConnectorConfig Config { get; init; }

    public required ConnectorPorts Ports { get; init; }

    public override string ToString() => $"connection {Id}";
}
