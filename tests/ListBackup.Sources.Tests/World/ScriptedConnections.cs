using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>One connection to the scripted platform.</summary>
public sealed class ScriptedConnections : IConnections
{
    public List<string> Unhealthy { get; } = [];

    /// <summary>What it was opened for, oldest first.</summary>
    public List<ConnectionUse> Uses { get; } = [];

    /// <summary>Why it cannot be opened; null: it can.</summary>
    public Exception? Fails { get; set; }

    /// <summary>How many of its streams may be read at once.</summary>
    public int AtOnce { get; set; } = StreamsAtOnce.Default;

    public ConnectionId Id { get; } = ConnectionId.New(TimeProvider.System);

    public Task<ConnectionInfo?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation) =>
        Task.FromResult(connection == Id ? new ConnectionInfo(Id, "Scripted", "scripted") : null);

    public Task<OpenConnection> OpenAsync(AccountId account, ConnectionId connection, ConnectionUse use, CancellationToken cancellation)
    {
        if (connection != Id) throw Problem.NotFound("The connection");
        if (Fails is { } failure) throw failure;
        Uses.Add(use);
        return Task.FromResult(new OpenConnection
        {
            Id = Id,
            Platform = "scripted",
            Connector = null!, // The scripted platform is read through IPlatformReader and needs none.
            ConnectorVersion = "1",
            Config = ConnectorConfig.Empty,
            StreamsAtOnce = AtOnce,
            Ports = new() { Http = new ConnectorHttp() },
        });
    }

    public Task MarkUnhealthyAsync(AccountId account, ConnectionId connection, string reason, CancellationToken cancellation)
    {
        Unhealthy.Add(reason);
        return Task.CompletedTask;
    }
}
