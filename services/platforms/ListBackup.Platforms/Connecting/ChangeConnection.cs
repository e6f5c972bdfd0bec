using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Changes a connection's name, configuration or ceiling. A changed configuration is untested until somebody tests it.</summary>
public sealed class ChangeConnection(
    ConnectionStore store, StoredConnections connections, ConnectionConfigs configs, OAuthClients clients, ActivityLog activities, TimeProvider clock)
{
    public async Task<Stored<Connection>> RunAsync(Access access, ConnectionId id, ConnectionChange change, long? ifVersion, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var before = await store.GetAsync(account, id, cancellation);
        if (ifVersion is { } meant && meant != before.Version) throw Problem.Changed("The connection");
        var after = before.Value with
        {
            Name = change.Name is null ? before.Value.Name : Names.Check(change.Name, Connection.NameLengthMax),
            RequestsPerMinuteMax = change.RequestsPerMinuteMax is null ? before.Value.RequestsPerMinuteMax : ConfigRules.Ceiling(change.RequestsPerMinuteMax),
            DailyPercentMax = change.DailyPercentMax is null ? before.Value.DailyPercentMax : await DailyCeilingAsync(before.Value, change.DailyPercentMax, cancellation),
            StreamsAtOnceMax = change.StreamsAtOnceMax is null ? before.Value.StreamsAtOnceMax : ConfigRules.AtOnce(change.StreamsAtOnceMax, (await LoadAsync(before.Value, cancellation)).Connector),
        };
        if (change.Config is not null) after = await PutConfigAsync(after, change.Config, cancellation);

        var stored = ifVersion is null
            ? await store.ChangeAsync(account, id, current => Taking(current, after, change), cancellation)
            : await store.ReplaceAsync(after, before.Version, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "connection.changed", id.ToString(), cancellation, ("fields", Fields(change)));
        return stored;
    }

    /// <summary>Seals a new configuration; tokens of the old one are forgotten.</summary>
    public async Task<Connection> PutConfigAsync(Connection connection, System.Text.Json.Nodes.JsonObject changed, CancellationToken cancellation)
    {
        var loaded = await LoadAsync(connection, cancellation);
        var spec = loaded.Connector.Spec;
        var config = await configs.FindAsync(connection, loaded.Connector, cancellation) is { } old
            ? ConnectionSecrets.WithSecretsOf(ConfigJson.Parse(old), changed, spec)
            : changed;
        var waits = ConfigRules.Require(loaded, config, clients);
        await configs.PutAsync(connection.AccountId, connection.Id, config, loaded.Connector, cancellation);
        // A configuration of another kind (a key instead of a grant) starts without the old one's tokens.
        if (waits || !connection.ByOAuth) await connections.TokensOf(connection.AccountId, connection.Id).ForgetAsync(cancellation);
        return connection with
        {
            Config = ConnectionSecrets.WithoutSecrets(config, spec),
            Health = new(waits ? ConnectionState.Waiting : ConnectionState.Untested, null, clock.GetUtcNow()),
        };
    }

    private async Task<int?> DailyCeilingAsync(Connection connection, int? percent, CancellationToken cancellation) =>
        ConfigRules.DailyCeiling(percent, (await LoadAsync(connection, cancellation)).Connector);

    private async Task<LoadedConnector> LoadAsync(Connection connection, CancellationToken cancellation) =>
        await connections.LoadAsync(connection.AccountId, connection.Platform, cancellation)
            ?? throw Problem.Conflict($"The platform {connection.Platform} is no longer there.", "platform-gone");

    /// <summary>Only what this change is about: what others changed meanwhile stays.</summary>
    private static Connection Taking(Connection current, Connection after, ConnectionChange change) => current with
    {
        Name = change.Name is null ? current.Name : after.Name,
        RequestsPerMinuteMax = change.RequestsPerMinuteMax is null ? current.RequestsPerMinuteMax : after.RequestsPerMinuteMax,
        DailyPercentMax = change.DailyPercentMax is null ? current.DailyPercentMax : after.DailyPercentMax,
        StreamsAtOnceMax = change.StreamsAtOnceMax is null ? current.StreamsAtOnceMax : after.StreamsAtOnceMax,
        Config = change.Config is null ? current.Config : after.Config,
        Health = change.Config is null ? current.Health : after.Health,
    };

    private static string Fields(ConnectionChange change) => string.Join(' ', new[]
    {
        change.Name is null ? null : "name",
        change.Config is null ? null : "config",
        change.RequestsPerMinuteMax is null ? null : "requestsPerMinuteMax",
        change.DailyPercentMax is null ? null : "dailyPercentMax",
        change.StreamsAtOnceMax is null ? null : "streamsAtOnceMax",
    }.OfType<string>());
}
