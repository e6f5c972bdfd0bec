using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>
/// Makes a connection. What was filled in is checked against the connector's schema and sealed. Where access is granted at the platform's own pages and
/// no credentials were filled in, the connection waits for the person to go there.
/// </summary>
public sealed class CreateConnection(
    IItemStore items, StoredConnections connections, ConnectionConfigs configs, ActivityLog activities, OAuthClients clients, TimeProvider clock)
{
    private const int CountMax = 1000;

    public async Task<Stored<Connection>> RunAsync(Access access, NewConnection wanted, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var name = Names.Check(wanted.Name, Connection.NameLengthMax);
        var loaded = await connections.LoadAsync(account, wanted.Platform, cancellation)
            ?? throw Problem.Invalid("platform", "There is no such platform in the catalogue, and no such manifest in this account.");
        var config = wanted.Config ?? [];
        var waits = ConfigRules.Require(loaded, config, clients);
        var ceiling = ConfigRules.Ceiling(wanted.RequestsPerMinuteMax);
        var daily = ConfigRules.DailyCeiling(wanted.DailyPercentMax, loaded.Connector);
        var atOnce = ConfigRules.AtOnce(wanted.StreamsAtOnceMax, loaded.Connector);
        await RequireRoomAsync(account, cancellation);

        var now = clock.GetUtcNow();
        var id = ConnectionId.New(clock);
        // The secret first: a crash between the two leaves a secret that nobody refers to, not a connection that cannot be opened.
        var kept = await PutConfigAsync(account, id, config, loaded.Connector, cancellation);
        var connection = new Connection
        {
            Id = id,
            AccountId = account,
            Name = name,
            Platform = wanted.Platform,
            Config = ConnectionSecrets.WithoutSecrets(kept, loaded.Connector.Spec),
            Health = new(waits ? ConnectionState.Waiting : ConnectionState.Untested, null, now),
            ByOAuth = waits,
            RequestsPerMinuteMax = ceiling,
            DailyPercentMax = daily,
            StreamsAtOnceMax = atOnce,
            CreatedAt = now,
            CreatedBy = access.Caller.UserId,
        };
        var stored = await items.PutAsync(
            ItemJson.Item(ConnectionKeys.Connection(account, connection.Id), connection, ConnectionJson.Default.Connection), Condition.Absent, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "connection.created", connection.Id.ToString(), cancellation, ("name", name), ("platform", wanted.Platform));
        return new(connection, stored.Version, stored.Key);
    }

    private async Task<JsonObject> PutConfigAsync(AccountId account, ConnectionId id, JsonObject config, Connector connector, CancellationToken cancellation)
    {
        try
        {
            return await configs.PutNewAsync(account, id, config, connector, cancellation);
        }
        catch (ConfigException refused)
        {
            throw Problem.Invalid("config", refused.Message);
        }
    }

    private async Task RequireRoomAsync(AccountId account, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = ConnectionKeys.SortPrefix, Limit = CountMax }, cancellation);
        if (page.Items.Count >= CountMax) throw Problem.Conflict($"An account has at most {CountMax} connections. Use accounts below it.", "too-many-connections");
    }
}

/// <summary>What creating, changing and reconnecting ask of a configuration alike.</summary>
internal static class ConfigRules
{
    private const int PerMinuteMax = 1_000_000;

    /// <summary>Refuses a configuration that the connector's schema does not allow.</summary>
    /// <returns>True when it lacks only what the platform's own pages will grant: the connection then waits for a person to go there.</returns>
    public static bool Require(LoadedConnector loaded, JsonObject config, OAuthClients clients)
    {
        var schema = new ConfigSchema(loaded.Connector.Spec.ConfigSchema);
        if (loaded.Connector.OAuth is not { ConfigFields.Count: > 0 } oauth)
        {
            schema.Require(config);
            return false;
        }
        var whole = ConfigJson.Parse(clients.Complete(loaded.Platform, oauth, ConnectorConfig.Parse(config.ToJsonString())));
        var isGranted = oauth.ConfigFields.Values.Any(field => ConfigJson.Find(whole, field) is not null);
        var hasSecret = loaded.Connector.Spec.SecretFields.Any(field => !field.Equals(oauth.ClientSecretField) && ConfigJson.Find(whole, field) is not null);
        if (schema.Check(whole).Count == 0) return !isGranted && !hasSecret;
        // Stand-ins for what is granted later, so that the schema is asked about the rest only.
        foreach (var field in oauth.ConfigFields.Values)
        {
            if (!isGranted) ConfigJson.Set(whole, field, "granted-later");
        }
        schema.Require(whole);
        return !isGranted;
    }

    public static int? Ceiling(int? perMinute) => perMinute switch
    {
        null or 0 => null,
        > 0 and <= PerMinuteMax => perMinute,
        _ => throw Problem.Invalid("requestsPerMinuteMax", $"requestsPerMinuteMax has to be 1 to {PerMinuteMax}, or 0 for no ceiling."),
    };

    /// <summary>A share of nothing that anybody knows is refused: the customer would trust a ceiling that never holds.</summary>
    public static int? DailyCeiling(int? percent, Connector connector) => percent switch
    {
        null or 0 => null,
        >= 1 and <= 100 => connector.Info.DailyQuota is not null
            ? percent
            : throw Problem.Invalid("dailyPercentMax", "No daily quota of this platform is known, so there is no share of it to keep to. Use requestsPerMinuteMax; in a manifest of your own, state the quota as daily_quota."),
        _ => throw Problem.Invalid("dailyPercentMax", "dailyPercentMax has to be 1 to 100, or 0 for no ceiling."),
    };

    /// <summary>A number beyond what the connector allows is refused rather than cut, so that nobody believes it.</summary>
    public static int? AtOnce(int? streams, Connector connector) => streams switch
    {
        null or 0 => null,
        >= 1 and <= StreamsAtOnce.Max => connector.ConcurrencyMax is { } max && streams > max
            ? throw Problem.Invalid("streamsAtOnceMax", $"This platform's connector lets at most {max} streams be read at the same time.")
            : streams,
        _ => throw Problem.Invalid("streamsAtOnceMax", $"streamsAtOnceMax has to be 1 to {StreamsAtOnce.Max}, or 0 for the default."),
    };
}
