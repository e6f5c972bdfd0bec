using System.Text;
using ListBackup.Domain;

namespace ListBackup.Testing;

/// <summary>The model of <see cref="IItemStore"/>: a dictionary under a lock, short enough to be seen to be right. Property tests compare adapters with it.</summary>
public sealed class MemoryItems(TimeProvider time) : IItemStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ItemKey, Item> _items = [];

    /// <summary>Everything that it holds, for tests that look for what must not be there.</summary>
    public IReadOnlyList<Item> All
    {
        get
        {
            lock (_lock) return [.. _items.Values];
        }
    }

    public Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation) => RunAsync(() =>
    {
        ItemRules.Check(key);
        return Live(key);
    }, cancellation);

    public Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation) => RunAsync(() =>
    {
        ItemRules.Check(item);
        Demand(item.Key, condition);
        return Put(item);
    }, cancellation);

    public Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation) => RunAsync(() =>
    {
        ItemRules.Check(key);
        Demand(key, condition);
        return _items.Remove(key);
    }, cancellation);

    public Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation) => RunAsync(() =>
    {
        ItemRules.Check(query);
        var position = ItemCursor.Read(query);
        return Page(query, _items.Values
            .Where(item => item.Key.Table == query.Table && IsLive(item))
            .Where(item => query.ByIndex ? item.Index?.Partition == query.Partition : item.Key.Partition == query.Partition)
            .Where(item => IsWithin(query, ItemPosition.Of(item, query.ByIndex).Sort))
            .Order(Comparer<Item>.Create((x, y) => Compare(query, ItemPosition.Of(x, query.ByIndex), ItemPosition.Of(y, query.ByIndex))))
            .SkipWhile(item => position is { } last && Compare(query, ItemPosition.Of(item, query.ByIndex), last) <= 0));
    }, cancellation);

    public Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation) => RunAsync(() =>
    {
        ItemRules.Check(writes);
        foreach (var write in writes) Demand(write.Key, write.Condition);
        foreach (var write in writes)
        {
            if (write is ItemWrite.Put put) Put(put.Item);
            else if (write is ItemWrite.Delete) _items.Remove(write.Key);
        }
        return true;
    }, cancellation);

    private async Task<T> RunAsync<T>(Func<T> operation, CancellationToken cancellation)
    {
        // Not on the caller's stack, so that callers who start several operations really have them side by side.
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) return operation();
    }

    private Item? Live(ItemKey key) => _items.TryGetValue(key, out var item) && IsLive(item) ? item : null;

    private bool IsLive(Item item) => item.ExpiresAt is not { } moment || moment > time.GetUtcNow();

    private void Demand(ItemKey key, Condition condition)
    {
        var version = Live(key)?.Version;
        var holds = condition.Kind switch
        {
            ConditionKind.None => true,
            ConditionKind.Absent => version is null,
            ConditionKind.Present => version is not null,
            _ => version == condition.Version,
        };
        if (!holds) throw new ConditionFailedException(key);
    }

    private Item Put(Item item) => _items[item.Key] = item with { Version = (Live(item.Key)?.Version ?? 0) + 1 };

    private static bool IsWithin(ItemQuery query, string sort) =>
        sort.StartsWith(query.SortPrefix ?? "", StringComparison.Ordinal)
        && (query.SortFrom is null || KeyOrder.Instance.Compare(sort, query.SortFrom) >= 0)
        && (query.SortTo is null || KeyOrder.Instance.Compare(sort, query.SortTo) <= 0);

    private static int Compare(ItemQuery query, ItemPosition x, ItemPosition y)
    {
        var order = KeyOrder.Instance.Compare(x.Sort, y.Sort);
        if (order == 0) order = KeyOrder.Instance.Compare(x.KeyPartition, y.KeyPartition);
        if (order == 0) order = KeyOrder.Instance.Compare(x.KeySort, y.KeySort);
        return query.Descending ? -order : order;
    }

    private static ItemPage Page(ItemQuery query, IEnumerable<Item> matching)
    {
        var items = new List<Item>();
        var bytes = 0;
        foreach (var item in matching)
        {
            if (items.Count == query.Limit || bytes >= ItemRules.PageBytesMax)
                return new ItemPage(items, ItemCursor.Write(query, ItemPosition.Of(items[^1], query.ByIndex)));
            items.Add(item);
            bytes += Encoding.UTF8.GetByteCount(item.Body);
        }
        return new ItemPage(items, null);
    }
}
