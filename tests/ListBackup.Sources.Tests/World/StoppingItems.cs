using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>
/// A store that is gone from the n-th write on, as it is for a process that dies there: before or after that write has happened. Writes that were under way together
/// are told apart by their order. <see cref="Heal"/> is the start of the next process.
/// </summary>
internal sealed class StoppingItems(IItemStore items) : IItemStore
{
    private readonly Lock _lock = new();
    private int _left = int.MaxValue;
    private bool _after;
    private string? _from;

    public bool HasStopped => _left <= 0;

    /// <param name="write">Which write is the last one, from 1.</param>
    /// <param name="after">Whether it happens.</param>
    /// <param name="from">Counting begins with the first item that has this text.</param>
    public void StopAt(int write, bool after, string from)
    {
        lock (_lock) (_left, _after, _from) = (write, after, from);
    }

    public void Heal()
    {
        lock (_lock) (_left, _from) = (int.MaxValue, null);
    }

    public Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation) => items.GetAsync(key, cancellation);

    public Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation) => items.QueryAsync(query, cancellation);

    public Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation) => WriteAsync([item.Body], () => items.PutAsync(item, condition, cancellation));

    public Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation) => WriteAsync([], async () =>
    {
        await items.DeleteAsync(key, condition, cancellation);
        return true;
    });

    public Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation) => WriteAsync(writes.OfType<ItemWrite.Put>().Select(put => put.Item.Body), async () =>
    {
        await items.TransactAsync(writes, cancellation);
        return true;
    });

    private async Task<T> WriteAsync<T>(IEnumerable<string> bodies, Func<Task<T>> write)
    {
        int left;
        lock (_lock)
        {
            if (_from is { } from && bodies.Any(body => body.Contains(from, StringComparison.Ordinal))) _from = null;
            left = _left == int.MaxValue || _from is not null ? int.MaxValue : --_left;
        }
        if (left < 0 || left == 0 && !_after) throw new ProcessKilledException();
        var result = await write();
        return left == 0 ? throw new ProcessKilledException() : result;
    }
}
