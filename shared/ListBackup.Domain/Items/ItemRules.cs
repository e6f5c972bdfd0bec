using System.Text;

namespace ListBackup.Domain;

/// <summary>The limits of <see cref="IItemStore"/>, held by every adapter before it touches its storage. Breaking one is a bug of the caller.</summary>
public static class ItemRules
{
    /// <summary>Of a partition or sort key, of the table or of its index; what DynamoDB allows for a sort key.</summary>
    public const int KeyBytesMax = 1024;

    /// <summary>DynamoDB allows 400 KB for the whole item, keys and names included.</summary>
    public const int BodyBytesMax = 350 * 1024;

    public const int TransactWritesMax = 100;

    /// <summary>Of all bodies of one transaction: DynamoDB's 4 MB, less its keys and names.</summary>
    public const int TransactBytesMax = 3_500_000;

    /// <summary>A page ends early once its bodies have reached this size, as DynamoDB's do.</summary>
    public const int PageBytesMax = 1024 * 1024;

    // Lone surrogates have no UTF-8 form: two different keys would become one.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">Names the rule that the item breaks.</exception>
    public static void Check(Item item)
    {
        Check(item.Key);
        if (item.Index is { } index)
        {
            CheckKey(index.Partition, $"The index partition of {item.Key}");
            CheckKey(index.Sort, $"The index sort key of {item.Key}");
        }
        if (Bytes(item.Body, $"The body of {item.Key}") is > BodyBytesMax and var bytes)
            throw new ArgumentException($"The body of {item.Key} has {bytes} bytes; {BodyBytesMax} are the limit.");
    }

    public static void Check(ItemKey key)
    {
        if (!Enum.IsDefined(key.Table)) throw new ArgumentException($"There is no table {key.Table}.");
        CheckKey(key.Partition, "A partition key");
        CheckKey(key.Sort, "A sort key");
    }

    public static void Check(ItemQuery query)
    {
        if (!Enum.IsDefined(query.Table)) throw new ArgumentException($"There is no table {query.Table}.");
        CheckKey(query.Partition, "A query's partition");
        if (query.SortPrefix is { Length: > 0 } prefix) CheckKey(prefix, "A query's sort prefix");
        if (query.SortFrom is { Length: > 0 } from) CheckKey(from, "A query's first sort key");
        if (query.SortTo is { Length: > 0 } to) CheckKey(to, "A query's last sort key");
        if (query.Limit is < 1 or > ItemQuery.LimitMax)
            throw new ArgumentException($"A query's limit is 1 to {ItemQuery.LimitMax}, not {query.Limit}.");
    }

    public static void Check(IReadOnlyList<ItemWrite> writes)
    {
        if (writes.Count is < 1 or > TransactWritesMax)
            throw new ArgumentException($"A transaction has 1 to {TransactWritesMax} writes, not {writes.Count}.");

        var keys = new HashSet<ItemKey>(writes.Count);
        var bytes = 0L;
        foreach (var write in writes)
        {
            if (!keys.Add(write.Key)) throw new ArgumentException($"A transaction writes {write.Key} twice.");
            if (write is ItemWrite.Put put)
            {
                if (put.Item.Key != put.Key) throw new ArgumentException($"A write of {put.Key} puts the item {put.Item.Key}.");
                Check(put.Item);
                bytes += Encoding.UTF8.GetByteCount(put.Item.Body);
            }
            else
            {
                Check(write.Key);
            }
        }
        if (bytes > TransactBytesMax)
            throw new ArgumentException($"The bodies of a transaction have {bytes} bytes; {TransactBytesMax} are the limit.");
    }

    private static void CheckKey(string key, string what)
    {
        if (Bytes(key, what) is 0 or > KeyBytesMax)
            throw new ArgumentException($"{what} has 1 to {KeyBytesMax} bytes.");
    }

    private static int Bytes(string text, string what)
    {
        // U+0000 ends a text early in too many places; JSON escapes it anyway.
        if (text.Contains('\0')) throw new ArgumentException($"{what} contains U+0000.");
        try
        {
            return StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"{what} contains half of a surrogate pair.", exception);
        }
    }
}
