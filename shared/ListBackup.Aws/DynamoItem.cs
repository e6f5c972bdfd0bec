using Amazon.DynamoDBv2.Model;
using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>How an item lies in DynamoDB.</summary>
internal static class DynamoItem
{
    public const string Partition = "pk";
    public const string Sort = "sk";
    public const string IndexName = "index";
    public const string IndexPartition = "ipk";
    public const string IndexSort = "isk";
    public const string Body = "body";
    public const string VersionNumber = "v";

    /// <summary>When the item expires, in milliseconds since 1970: what we judge by.</summary>
    public const string Expires = "expires";

    /// <summary>The same in whole seconds, rounded up: what DynamoDB's TTL removes by. ("ttl" itself is a reserved word.)</summary>
    public const string RemoveAfter = "removeAfter";

    public static Dictionary<string, AttributeValue> KeyOf(ItemKey key) => new() { [Partition] = new() { S = key.Partition }, [Sort] = new() { S = key.Sort } };

    public static Item Read(Table table, Dictionary<string, AttributeValue> attributes) => new()
    {
        Key = new(table, attributes[Partition].S, attributes[Sort].S),
        Body = attributes[Body].S,
        Version = Version(attributes),
        Index = attributes.TryGetValue(IndexPartition, out var partition) ? new(partition.S, attributes[IndexSort].S) : null,
        ExpiresAt = attributes.TryGetValue(Expires, out var expires) ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(expires.N)) : null,
    };

    public static long Version(Dictionary<string, AttributeValue> attributes) => long.Parse(attributes[VersionNumber].N);

    public static ItemPosition Position(Dictionary<string, AttributeValue> key, bool byIndex) =>
        byIndex ? new(key[IndexSort].S, key[Partition].S, key[Sort].S) : new(key[Sort].S, "", "");
}
