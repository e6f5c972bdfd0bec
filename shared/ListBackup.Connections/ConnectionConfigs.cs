using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// The configurations of connections in today's form. A manifest that has gained a migration finds configurations of the form before; each is migrated
/// once, by whoever opens it first, and what came out is kept.
/// </summary>
/// <remarks>
/// It is kept beside the secret, in an item that only workers read, sealed as tokens are: workers may write items and no secrets, and an item is written
/// under a condition. The item names the seal of the secret that it was made of, so one made of a configuration that a person has replaced meanwhile is
/// worth nothing, and replaces nothing.
/// </remarks>
public sealed class ConnectionConfigs(ConnectionSecrets secrets, IItemStore items, AccountEnvelope envelope, TimeProvider clock)
{
    /// <summary>The configuration, through all migrations of the connector; null when there is none.</summary>
    /// <exception cref="ConfigException">It lacks what a migration needs.</exception>
    public async Task<ConnectorConfig?> FindAsync(Connection connection, Connector connector, CancellationToken cancellation)
    {
        var (account, key) = (connection.AccountId, ConnectionKeys.Config(connection.Id));
        for (; ; )
        {
            if (await secrets.FindAsync(account, connection.Id, cancellation) is not { } given) return null;
            if (connector.Migrations.All(given.Migrations.Contains)) return given.Config.AsMigrated();

            var stored = await items.FindAsync(key, WorkerJson.Default.ConfigItem, cancellation);
            var kept = stored is { Value: var item } && item.Of == given.Seal
                ? new KeptConfig(ConnectorConfig.Parse(await envelope.OpenAsync(account, Purpose(connection.Id), item.Sealed, cancellation)), given.Seal, item.Migrations)
                : given;
            if (connector.Migrations.All(kept.Migrations.Contains)) return kept.Config.AsMigrated();

            var migrated = connector.Migrate(kept.Config, kept.Migrations, clock);
            var after = new ConfigItem(given.Seal, [.. kept.Migrations.Union(connector.Migrations)], await envelope.SealAsync(account, Purpose(connection.Id), Text(migrated), cancellation));
            try
            {
                await items.PutAsync(ItemJson.Item(key, after, WorkerJson.Default.ConfigItem), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
            }
            catch (ConditionFailedException)
            {
                // Another worker was faster; what it kept counts.
                continue;
            }
            await ShowAsync(connection, kept.Config, migrated, connector.Spec, cancellation);
            return migrated;
        }
    }

    /// <summary>Keeps what a person filled in for a new connection, or an installation's script in an older form.</summary>
    /// <returns>What was kept: through all migrations.</returns>
    /// <exception cref="ConfigException">It lacks what a migration needs.</exception>
    public async Task<JsonObject> PutNewAsync(AccountId account, ConnectionId connection, JsonObject config, Connector connector, CancellationToken cancellation)
    {
        var migrated = ConfigJson.Parse(connector.Migrate(ConnectorConfig.Parse(config.ToJsonString()), [], clock));
        await PutAsync(account, connection, migrated, connector, cancellation);
        return migrated;
    }

    /// <summary>Keeps a changed configuration. It was made of one that had been through the migrations, so it goes through none again.</summary>
    public async Task PutAsync(AccountId account, ConnectionId connection, JsonObject config, Connector connector, CancellationToken cancellation)
    {
        await secrets.PutAsync(account, connection, config, connector.Migrations, cancellation);
        // Of no use any more, and it may hold a credential that was just replaced.
        if (connector.Migrations.Count > 0) await items.DeleteAsync(ConnectionKeys.Config(connection), Condition.None, cancellation);
    }

    public async Task DeleteAsync(ConnectionId connection, CancellationToken cancellation)
    {
        await secrets.DeleteAsync(connection, cancellation);
        await items.DeleteAsync(ConnectionKeys.Config(connection), Condition.None, cancellation);
    }

    /// <summary>The copy for people follows, unless a person has changed it meanwhile.</summary>
    private Task ShowAsync(Connection connection, ConnectorConfig before, ConnectorConfig after, ConnectorSpec spec, CancellationToken cancellation)
    {
        var (shown, next) = (ConnectionSecrets.WithoutSecrets(ConfigJson.Parse(before), spec), ConnectionSecrets.WithoutSecrets(ConfigJson.Parse(after), spec));
        return items.UpdateAsync(
            ConnectionKeys.Connection(connection.AccountId, connection.Id), ConnectionJson.Default.Connection,
            found => JsonElement.DeepEquals(found.Config, shown) ? found with { Config = next } : null, cancellation);
    }

    private static string Purpose(ConnectionId connection) => $"configs/{connection}";

    private static string Text(ConnectorConfig config) => Encoding.UTF8.GetString(config.Utf8Json.Span);
}

/// <summary>A configuration that a worker migrated.</summary>
/// <param name="Of">The seal of the secret that it was made of.</param>
/// <param name="Migrations">Names of the migrations that it has been through.</param>
internal sealed record ConfigItem(string Of, IReadOnlyList<string> Migrations, string Sealed);
