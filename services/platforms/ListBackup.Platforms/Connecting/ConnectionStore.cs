using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Functions;

namespace ListBackup.Platforms;

/// <summary>Reads connections of one account. A connection of another account is not there.</summary>
public sealed class ConnectionStore(IItemStore items)
{
    private const int LimitDefault = 50;
    private const int LimitMax = 200;

    public async Task<Stored<Connection>> GetAsync(AccountId account, ConnectionId connection, CancellationToken cancellation) =>
        await items.FindAsync(ConnectionKeys.Connection(account, connection), ConnectionJson.Default.Connection, cancellation) ?? throw Problem.NotFound("The connection");

    public async Task<Page<ConnectionView>> ListAsync(AccountId account, int? limit, string? cursor, CancellationToken cancellation)
    {
        var page = await QueryAsync(account, ConnectionKeys.SortPrefix, limit, cursor, cancellation);
        return new([.. page.Items.Select(item => ConnectionView.Of(ItemJson.Read(item, ConnectionJson.Default.Connection).Value))], page.Next);
    }

    public async Task<Page<ManifestView>> ListManifestsAsync(AccountId account, int? limit, string? cursor, CancellationToken cancellation)
    {
        var page = await QueryAsync(account, ConnectionKeys.ManifestSortPrefix, limit, cursor, cancellation);
        return new([.. page.Items.Select(item => ManifestView.Of(ItemJson.Read(item, ConnectionJson.Default.CustomerManifest).Value))], page.Next);
    }

    /// <summary>Changes a connection under its version; 404 when it was deleted meanwhile.</summary>
    public async Task<Stored<Connection>> ChangeAsync(AccountId account, ConnectionId connection, Func<Connection, Connection> change, CancellationToken cancellation) =>
        await items.UpdateAsync(ConnectionKeys.Connection(account, connection), ConnectionJson.Default.Connection, change, cancellation)
        ?? throw Problem.NotFound("The connection");

    /// <summary>Writes a connection over the version that the caller means; 412 when it is no longer that one.</summary>
    public async Task<Stored<Connection>> ReplaceAsync(Connection connection, long version, CancellationToken cancellation)
    {
        var key = ConnectionKeys.Connection(connection.AccountId, connection.Id);
        try
        {
            var written = await items.PutAsync(ItemJson.Item(key, connection, ConnectionJson.Default.Connection), Condition.VersionIs(version), cancellation);
            return new(connection, written.Version, key);
        }
        catch (ConditionFailedException)
        {
            throw Problem.Changed("The connection");
        }
    }

    private Task<ItemPage> QueryAsync(AccountId account, string prefix, int? limit, string? cursor, CancellationToken cancellation)
    {
        if (limit is < 1 or > LimitMax) throw Problem.Invalid("limit", $"limit has to be 1 to {LimitMax}.");
        return items.QueryAsync(
            new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = prefix, Limit = limit ?? LimitDefault, Cursor = cursor }, cancellation);
    }
}
