using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Deletes a connection with its secrets and tokens. Sources that used it keep their snapshots and stop syncing.</summary>
public sealed class DeleteConnection(
    IItemStore items, ConnectionStore store, StoredConnections connections, ConnectionConfigs configs, RevokeAccess revoke, ActivityLog activities)
{
    public async Task RunAsync(Access access, ConnectionId id, long? ifVersion, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var connection = await store.GetAsync(account, id, cancellation);
        if (ifVersion is { } meant && meant != connection.Version) throw Problem.Changed("The connection");

        var revoked = await revoke.RunAsync(connection.Value, cancellation);
        await items.DeleteAsync(connection.Key, Condition.None, cancellation);
        await configs.DeleteAsync(id, cancellation);
        await connections.TokensOf(account, id).ForgetAsync(cancellation);
        await items.DeleteAsync(ConnectionKeys.Budget(id), Condition.None, cancellation);
        await items.DeleteAsync(ConnectionKeys.Places(id), Condition.None, cancellation);
        await items.DeleteAsync(ConnectionWebhook.Key(id), Condition.None, cancellation);
        await items.DeleteAsync(Announcements.Key(id), Condition.None, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "connection.deleted", id.ToString(), cancellation,
            ("name", connection.Value.Name), ("revoked", revoked));
    }
}
