using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ListBackup.Domain;

/// <summary>A value read from an item, with the version that a conditional write names.</summary>
public sealed record Stored<T>(T Value, long Version, ItemKey Key);

/// <summary>Typed access to items: bodies are JSON of source-generated contracts.</summary>
public static class ItemJson
{
    // A conditional write that lost this often in a row met a hot item, not bad luck.
    private const int UpdateTriesMax = 50;

    public static Item Item<T>(ItemKey key, T value, JsonTypeInfo<T> type, IndexKey? index = null, DateTimeOffset? expiresAt = null) =>
        new() { Key = key, Body = JsonSerializer.Serialize(value, type), Index = index, ExpiresAt = expiresAt };

    public static Stored<T> Read<T>(Item item, JsonTypeInfo<T> type) => new(
        JsonSerializer.Deserialize(item.Body, type) ?? throw new InvalidDataException($"Item {item.Key} holds null."), item.Version, item.Key);

    public static async Task<Stored<T>?> FindAsync<T>(this IItemStore items, ItemKey key, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await items.GetAsync(key, cancellation) is { } item ? Read(item, type) : null;

    /// <summary>All items of a query, page by page.</summary>
    public static async IAsyncEnumerable<Item> AllAsync(this IItemStore items, ItemQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (ItemPage? page = null; page is null || page.Next is not null;)
        {
            page = await items.QueryAsync(query with { Cursor = page?.Next }, cancellation);
            foreach (var item in page.Items) yield return item;
        }
    }

    /// <summary>
    /// Reads, changes and writes one item under its version until no other writer comes between. <paramref name="change"/> may run several times and
    /// returns null to leave the item as it is. Index and expiry are taken from <paramref name="index"/> and <paramref name="expiresAt"/>, or kept.
    /// </summary>
    /// <returns>The value now stored, or null when there is no such item.</returns>
    public static async Task<Stored<T>?> UpdateAsync<T>(
        this IItemStore items, ItemKey key, JsonTypeInfo<T> type, Func<T, T?> change, CancellationToken cancellation,
        Func<T, IndexKey?>? index = null, Func<T, DateTimeOffset?>? expiresAt = null)
        where T : class
    {
        for (var tries = 1; ; tries++)
        {
            if (await items.GetAsync(key, cancellation) is not { } item) return null;
            var stored = Read(item, type);
            if (change(stored.Value) is not { } changed) return stored;
            var next = item with
            {
                Body = JsonSerializer.Serialize(changed, type),
                Index = index is null ? item.Index : index(changed),
                ExpiresAt = expiresAt is null ? item.ExpiresAt : expiresAt(changed),
            };
            try
            {
                var written = await items.PutAsync(next, Condition.VersionIs(item.Version), cancellation);
                return new(changed, written.Version, key);
            }
            catch (ConditionFailedException) when (tries < UpdateTriesMax)
            {
                // Another writer came first; the next round sees its value.
            }
        }
    }
}
