namespace ListBackup.Domain;

/// <summary>
/// The metadata of the product: what the product needs of DynamoDB, served exactly by SQLite. Reads see all writes that were acknowledged before them,
/// except reads by index, which may lag behind by seconds on AWS. Outages surface as exceptions after the adapter's own bounded retries; a write that
/// failed so may still have happened. Limits stand in <see cref="ItemRules"/>; breaking one is an <see cref="ArgumentException"/>.
/// </summary>
public interface IItemStore
{
    /// <summary>The item, or null when there is none or it has expired.</summary>
    Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation);

    /// <summary>Creates or replaces one item atomically and returns it with its new version.</summary>
    /// <exception cref="ConditionFailedException">The condition did not hold; nothing was written.</exception>
    Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation);

    /// <summary>Deletes one item. Deleting what is absent is not an error unless the condition says so.</summary>
    /// <exception cref="ConditionFailedException">The condition did not hold; nothing was deleted.</exception>
    Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation);

    /// <exception cref="Problem">The cursor is not one that this query returned.</exception>
    Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation);

    /// <summary>Performs all writes or none. 1 to 100 writes of 3.5 MB together, no key twice, any tables.</summary>
    /// <exception cref="ConditionFailedException">A condition did not hold; nothing was written.</exception>
    Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation);
}
