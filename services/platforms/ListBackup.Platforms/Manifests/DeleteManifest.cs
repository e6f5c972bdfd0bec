using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Deletes a manifest that no connection uses.</summary>
public sealed class DeleteManifest(IItemStore items, ActivityLog activities)
{
    public async Task RunAsync(Access access, ManifestId manifest, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var key = ConnectionKeys.Manifest(account, manifest);
        if (await items.GetAsync(key, cancellation) is null) throw Problem.NotFound("The manifest");

        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = ConnectionKeys.SortPrefix };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var connection = ItemJson.Read(item, ConnectionJson.Default.Connection).Value;
            if (connection.Platform == manifest.ToString())
                throw Problem.Conflict($"Connection '{connection.Name}' uses this manifest. Delete the connection first.", "manifest-in-use");
        }
        await items.DeleteAsync(key, Condition.None, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "manifest.deleted", manifest.ToString(), cancellation);
    }
}
