using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>Opens connections from the item store, the secrets and the catalogue.</summary>
public sealed class StoredConnections(
    IItemStore items, ConnectionConfigs configs, AccountEnvelope envelope, ConnectorCatalogue catalogue, CustomerManifests manifests, OAuthClients clients,
    ConnectorHttp http, TimeProvider clock) : IConnections
{
    public async Task<ConnectionInfo?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation) =>
        await items.FindAsync(ConnectionKeys.Connection(account, connection), ConnectionJson.Default.Connection, cancellation) is { Value: var found }
            ? new(found.Id, found.Name, found.Platform)
            : null;

    public async Task<OpenConnection> OpenAsync(AccountId account, ConnectionId connection, ConnectionUse use, CancellationToken cancellation)
    {
        var found = await items.FindAsync(ConnectionKeys.Connection(account, connection), ConnectionJson.Default.Connection, cancellation)
            ?? throw Problem.NotFound("The connection");
        if (found.Value.Health.State == ConnectionState.Waiting)
            throw Problem.Conflict($"Connection '{found.Value.Name}' waits for somebody to sign in at the platform. Finish connecting it first.", "connection-waiting");
        return await OpenAsync(found.Value, use, cancellation);
    }

    /// <summary>Opens a connection whatever its health, for testing and reconnecting it.</summary>
    public Task<OpenConnection> OpenAsync(Connection connection, CancellationToken cancellation) => OpenAsync(connection, ConnectionUse.Urgent, cancellation);

    private async Task<OpenConnection> OpenAsync(Connection connection, ConnectionUse use, CancellationToken cancellation)
    {
        var loaded = await LoadAsync(connection.AccountId, connection.Platform, cancellation)
            ?? throw Problem.Conflict($"Connection '{connection.Name}' uses the platform {connection.Platform}, which is no longer there.", "platform-gone");
        var config = await ConfigAsync(connection, loaded.Connector, cancellation)
            ?? throw Problem.Conflict($"Connection '{connection.Name}' has lost its secrets. Reconnect it.", "secrets-gone");
        var complete = clients.Complete(connection.Platform, loaded.Connector.OAuth, config).AsMigrated();
        var ports = new ConnectorPorts
        {
            Http = http,
            Tokens = TokensOf(connection.AccountId, connection.Id),
            RateBudget = new ConnectionBudget(items, connection.Id, Limits(connection, loaded, use), clock),
            Clock = clock,
        };
        var atOnce = StreamsAtOnce.Of(connection.StreamsAtOnceMax, ConcurrencyOf(loaded.Connector, complete), ports.PagesAtOnceMax);
        return new()
        {
            Id = connection.Id,
            Platform = connection.Platform,
            Connector = loaded.Connector,
            ConnectorVersion = loaded.Version,
            Restore = loaded.Restore,
            Config = complete,
            StreamsAtOnce = atOnce.Streams,
            Ports = ports with { PagesAtOnceMax = atOnce.PagesEach },
        };
    }

    private async Task<ConnectorConfig?> ConfigAsync(Connection connection, Connector connector, CancellationToken cancellation)
    {
        try
        {
            return await configs.FindAsync(connection, connector, cancellation);
        }
        catch (ConfigException refused)
        {
            throw Problem.Conflict($"The settings of connection '{connection.Name}' do not fit its connector any more. {refused.Message} Reconnect it.", "connection-settings");
        }
    }

    private ConcurrencyLimits? ConcurrencyOf(Connector connector, ConnectorConfig config)
    {
        try
        {
            return connector.ConcurrencyOf(config, clock);
        }
        catch (ConfigException)
        {
            // Whoever reads with this configuration is refused by the engine, which says what is wrong with it.
            return null;
        }
    }

    public async Task MarkUnhealthyAsync(AccountId account, ConnectionId connection, string reason, CancellationToken cancellation) =>
        await items.UpdateAsync(
            ConnectionKeys.Connection(account, connection), ConnectionJson.Default.Connection,
            found => found.Health.State == ConnectionState.Unhealthy && found.Health.Reason == reason
                ? null
                : found with { Health = new(ConnectionState.Unhealthy, reason, clock.GetUtcNow()) },
            cancellation);

    /// <summary>The connector of a platform of the catalogue, or of a manifest of this account; null when there is none.</summary>
    public async Task<LoadedConnector?> LoadAsync(AccountId account, string platform, CancellationToken cancellation) =>
        ManifestId.TryParse(platform, out var manifest) ? await manifests.LoadAsync(account, manifest, cancellation) : catalogue.Find(platform);

    private static BudgetLimits Limits(Connection connection, LoadedConnector loaded, ConnectionUse use) => new(connection.RequestsPerMinuteMax)
    {
        DailyPercentMax = connection.DailyPercentMax,
        DailyQuota = loaded.Connector.Info.DailyQuota,
        Use = use,
    };

    public ConnectionTokens TokensOf(AccountId account, ConnectionId connection) => new(items, envelope, account, connection, clock);
}
