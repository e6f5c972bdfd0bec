using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Where a platform calls about a connection.</summary>
public sealed class GetWebhook(ConnectionStore store, StoredConnections connections, WebhookAddresses addresses)
{
    public async Task<ConnectionWebhookView> RunAsync(AccountId account, ConnectionId id, CancellationToken cancellation)
    {
        var connection = (await store.GetAsync(account, id, cancellation)).Value;
        var found = await addresses.FindAsync(id, cancellation) ?? throw Problem.NotFound("A webhook of this connection");
        return await addresses.ViewAsync(found.Value, await EnableWebhook.DescribeAsync(connections, connection, cancellation), cancellation);
    }
}
