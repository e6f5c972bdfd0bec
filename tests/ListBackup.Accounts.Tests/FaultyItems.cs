using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Accounts.Tests;

/// <summary>A store whose n-th write from now on, and all after it, fail: before or after the write has happened, as a crash would have it.</summary>
internal sealed class FaultyItems(IItemStore items) : IItemStore
{
    private int _left = int.MaxValue;
    private bool _after;

    public void FailWrite(int number, bool after) => (_left, _after) = (number, after);

    public void Heal() => _left = int.MaxValue;

    public Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation) => items.GetAsync(key, cancellation);

    public Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation) => items.QueryAsync(query, cancellation);

    public Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation) => WriteAsync(() => items.PutAsync(item, condition, cancellation));

    public Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation) => WriteAsync(async () =>
    {
        await items.DeleteAsync(key, condition, cancellation);
        return true;
    });

    public Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation) => WriteAsync(async () =>
    {
        await items.TransactAsync(writes, cancellation);
        return true;
    });

    private async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        var left = _left == int.MaxValue ? int.MaxValue : _left--;
        if (left < 0 || (left == 0 && !_after)) throw new IOException("The store is gone.");
        var result = await write();
        return left == 0 ? throw new IOException("The answer was lost.") : result;
    }
}

internal static class FaultyItemsServices
{
    public static void AddFaultyItems(this IServiceCollection services, Action<FaultyItems> take) => services.AddSingleton<IItemStore>(provider =>
    {
        var faulty = new FaultyItems(new MemoryItems(provider.GetRequiredService<TimeProvider>()));
        take(faulty);
        return faulty;
    });
}
