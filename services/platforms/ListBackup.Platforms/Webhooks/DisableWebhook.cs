using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Calls of the platform are not taken any more, and the address is nobody's for good.</summary>
public sealed class DisableWebhook(IItemStore items, ConnectionStore store, WebhookAddresses addresses, ActivityLog activities)
{
    public async Task RunAsync(Access access, ConnectionId id, CancellationToken cancellation)
    {
        await store.GetAsync(access.Account.Id, id, cancellation);
        var found = await addresses.FindAsync(id, cancellation) ?? throw Problem.NotFound("A webhook of this connection");
        await items.DeleteAsync(found.Key, Condition.None, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor(), "connection.webhook-disabled", id.ToString(), cancellation);
    }
}
