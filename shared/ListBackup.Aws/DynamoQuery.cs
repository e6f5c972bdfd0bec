using Amazon.DynamoDBv2.Model;
using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>
/// A query in DynamoDB's words. A prefix alone is asked for as such; with a bound it becomes a range, because DynamoDB takes one condition on a sort key.
/// </summary>
internal sealed class DynamoQuery(ItemQuery query, ItemPosition? position, AwsSettings settings, TimeProvider clock)
{
    private readonly string? _prefix = query.SortPrefix is { Length: > 0 } prefix ? prefix : null;

    /// <summary>Null when nothing can match: DynamoDB calls such a range an error.</summary>
    public QueryRequest? Build()
    {
        var (from, to) = Bounds();
        if (to is "" || (from is not null && to is not null && KeyOrder.Instance.Compare(from, to) > 0)) return null;
        var start = position;
        if (start is { } at)
        {
            // A forged position outside of the range: before it means from its beginning, behind it nothing is left.
            var (first, last) = query.Descending ? (to, from) : (from, to);
            if (IsBefore(at.Sort, first)) start = null;
            else if (IsBehind(at.Sort, last)) return null;
        }

        Dictionary<string, AttributeValue> values = new() { [":partition"] = new() { S = query.Partition }, [":now"] = new() { N = Now } };
        return new()
        {
            TableName = settings.TableName(query.Table),
            IndexName = query.ByIndex ? DynamoItem.IndexName : null,
            // An index cannot be read consistently.
            ConsistentRead = !query.ByIndex,
            KeyConditionExpression = KeyCondition(from, to, values),
            FilterExpression = $"attribute_not_exists({DynamoItem.Expires}) OR {DynamoItem.Expires} > :now",
            ExpressionAttributeValues = values,
            ScanIndexForward = !query.Descending,
            Limit = query.Limit,
            ExclusiveStartKey = start is { } after ? StartKey(after) : null,
        };
    }

    private (string? From, string? To) Bounds()
    {
        var from = query.SortFrom is { Length: > 0 } given ? given : null;
        var to = query.SortTo;
        if (_prefix is null) return (from, to);
        // The end of the prefix is the first key behind it; that one key is dropped from what comes.
        var end = KeyOrder.AfterPrefix(_prefix);
        return (from is null ? _prefix : KeyOrder.Later(from, _prefix), to is null ? end : end is null ? to : KeyOrder.Earlier(to, end));
    }

    private string KeyCondition(string? from, string? to, Dictionary<string, AttributeValue> values)
    {
        var (partition, sort) = query.ByIndex ? (DynamoItem.IndexPartition, DynamoItem.IndexSort) : (DynamoItem.Partition, DynamoItem.Sort);
        var onPartition = $"{partition} = :partition";
        if (_prefix is not null && query.SortFrom is null or "" && query.SortTo is null)
        {
            values[":prefix"] = new() { S = _prefix };
            return $"{onPartition} AND begins_with({sort}, :prefix)";
        }
        if (from is not null) values[":from"] = new() { S = from };
        if (to is not null) values[":to"] = new() { S = to };
        return (from, to) switch
        {
            (null, null) => onPartition,
            (not null, null) => $"{onPartition} AND {sort} >= :from",
            (null, not null) => $"{onPartition} AND {sort} <= :to",
            _ => $"{onPartition} AND {sort} BETWEEN :from AND :to",
        };
    }

    private Dictionary<string, AttributeValue> StartKey(ItemPosition after) => query.ByIndex
        ? new()
        {
            [DynamoItem.IndexPartition] = new() { S = query.Partition },
            [DynamoItem.IndexSort] = new() { S = after.Sort },
            [DynamoItem.Partition] = new() { S = after.KeyPartition },
            [DynamoItem.Sort] = new() { S = after.KeySort },
        }
        : new() { [DynamoItem.Partition] = new() { S = query.Partition }, [DynamoItem.Sort] = new() { S = after.Sort } };

    private bool IsBefore(string sort, string? first) => first is not null && InDirection(sort, first) < 0;

    private bool IsBehind(string sort, string? last) => last is not null && InDirection(sort, last) > 0;

    private int InDirection(string one, string other) => KeyOrder.Instance.Compare(one, other) * (query.Descending ? -1 : 1);

    private string Now => clock.GetUtcNow().ToUnixTimeMilliseconds().ToString();
}
