using System.Text.Json.Serialization.Metadata;
using ListBackup.Domain;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions;

/// <summary>Changes of items under the caller's <c>If-Match</c>, answered with the new <c>ETag</c>.</summary>
public static class VersionedItems
{
    // Callers who name no version meet other writers this often at most.
    private const int TriesMax = 20;

    /// <summary>Changes one item. With <c>If-Match</c> only the version that the caller has seen is changed (else 412); without, the newest.</summary>
    /// <exception cref="Problem">NotFound when there is no such item; Changed.</exception>
    public static async Task<Stored<T>> ChangeAsync<T>(
        this HttpContext http, IItemStore items, ItemKey key, JsonTypeInfo<T> type, string what, Func<T, T> change, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var item = await items.GetAsync(key, cancellation) ?? throw Problem.NotFound(what);
            http.RequireMatch(item.Version, what);
            var changed = change(ItemJson.Read(item, type).Value);
            try
            {
                var written = await items.PutAsync(item with { Body = System.Text.Json.JsonSerializer.Serialize(changed, type) }, Condition.VersionIs(item.Version), cancellation);
                http.WriteETag(written.Version);
                return new(changed, written.Version, key);
            }
            catch (ConditionFailedException) when (tries < TriesMax)
            {
                // Somebody else was first: with If-Match the next round refuses, without it builds on theirs.
            }
        }
    }
}
