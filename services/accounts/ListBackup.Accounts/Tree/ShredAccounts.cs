using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>
/// Ends accounts whose days of grace are over: every service shreds what it keeps, then the account's keys go, and with them whatever copies of its
/// backups still lie anywhere, then its items. Lowest accounts first; a crash anywhere is taken up at the next tick.
/// </summary>
public sealed class ShredAccounts(IItemStore items, IEnumerable<IAccountShredder> shredders, SubtreeChanges subtrees, ActivityLog activities, TimeProvider clock) : IScheduledHandler
{
    private static readonly Table[] TablesOfAccounts = [Table.Accounts, Table.Sources, Table.Activities];

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        await subtrees.FinishAllAsync(cancellation);
        await ClaimDueAsync(cancellation);
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = AccountItemKeys.PurgesIndex };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            if (clock.GetUtcNow() >= deadline) return;
            await ShredTreeAsync(ItemJson.Read(item, AccountItemJson.Default.Purge).Value, cancellation);
        }
    }

    /// <summary>From its claim on an account can no longer be restored.</summary>
    private async Task ClaimDueAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = AccountItemKeys.DeletionsIndex, SortTo = $"{now.UtcDateTime:O}~" };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var deletion = ItemJson.Read(item, AccountItemJson.Default.Deletion).Value;
            if (deletion.DueAt > now) continue;
            var account = await items.FindAsync(AccountKeys.Profile(deletion.AccountId), AccessJson.Default.Account, cancellation);
            var purge = new Purge(deletion.AccountId, account?.Value.ParentId, now);
            try
            {
                await items.TransactAsync(
                [
                    ItemWrite.Deleting(item.Key, Condition.VersionIs(item.Version)),
                    ItemWrite.Putting(ItemJson.Item(
                        AccountItemKeys.Purge(purge.AccountId), purge, AccountItemJson.Default.Purge, new(AccountItemKeys.PurgesIndex, purge.AccountId.ToString()))),
                ], cancellation);
            }
            catch (ConditionFailedException)
            {
                // Restored, or claimed by another, at this very moment.
            }
        }
    }

    private async Task ShredTreeAsync(Purge purge, CancellationToken cancellation)
    {
        await ShredBelowAsync(purge.AccountId, purge.ParentId, cancellation);
        if (purge.ParentId is { } parent)
            await activities.AppendAsync(parent, "system", "account.shredded", purge.AccountId.ToString(), cancellation);
        await items.DeleteAsync(AccountItemKeys.Purge(purge.AccountId), Condition.None, cancellation);
    }

    private async Task ShredBelowAsync(AccountId account, AccountId? parent, CancellationToken cancellation)
    {
        foreach (var child in await subtrees.ChildrenAsync(account, cancellation)) await ShredBelowAsync(child, account, cancellation);

        foreach (var shredder in shredders) await shredder.ShredAsync(account, cancellation);
        await items.DeleteAsync(AccountKeyrings.Key(account), Condition.None, cancellation);
        foreach (var table in TablesOfAccounts) await EmptyAsync(table, AccountKeys.Partition(account), cancellation);
        if (parent is { } above) await items.DeleteAsync(AccountKeys.Child(above, account), Condition.None, cancellation);
    }

    private async Task EmptyAsync(Table table, string partition, CancellationToken cancellation)
    {
        while (true)
        {
            var page = await items.QueryAsync(new() { Table = table, Partition = partition, Limit = 100 }, cancellation);
            if (page.Items.Count > 0) await items.TransactAsync([.. page.Items.Select(i => ItemWrite.Deleting(i.Key))], cancellation);
            if (page.Next is null) return;
        }
    }
}
