using Amazon.DynamoDBv2.Model;
using ListBackup.Domain;
using Condition = ListBackup.Domain.Condition;

namespace ListBackup.Aws;

/// <summary>The expressions of one write, with the values that they name.</summary>
internal sealed class DynamoWrite
{
    private const string IsLive = $"(attribute_not_exists({DynamoItem.Expires}) OR {DynamoItem.Expires} > :now)";

    private readonly Condition _condition;
    private readonly Dictionary<string, AttributeValue> _values = [];

    public DynamoWrite(Condition condition, TimeProvider clock)
    {
        _condition = condition;
        Condition = condition.Kind switch
        {
            ConditionKind.None => null,
            ConditionKind.Absent => $"attribute_not_exists({DynamoItem.Partition}) OR {DynamoItem.Expires} <= :now",
            ConditionKind.Present => $"attribute_exists({DynamoItem.Partition}) AND {IsLive}",
            _ => $"{DynamoItem.VersionNumber} = :expected AND {IsLive}",
        };
        if (Condition is not null) _values[":now"] = Number(clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (condition.Kind == ConditionKind.VersionIs) _values[":expected"] = Number(condition.Version);
    }

    public string? Condition { get; }

    public string? Update { get; private set; }

    /// <summary>The version that a put will have; null when only DynamoDB knows.</summary>
    public long? Version => _condition.Kind switch
    {
        ConditionKind.Absent => 1,
        ConditionKind.VersionIs => _condition.Version + 1,
        _ => null,
    };

    /// <summary>Null where nothing is named: DynamoDB refuses an empty map.</summary>
    public Dictionary<string, AttributeValue>? Values => _values.Count > 0 ? _values : null;

    /// <summary>Replaces the whole item. An update and not a put, because only an update can count the version up.</summary>
    public DynamoWrite Put(Item item)
    {
        List<string> set = [$"{DynamoItem.Body} = :body", $"{DynamoItem.VersionNumber} = {NextVersion()}"];
        List<string> remove = [];
        _values[":body"] = new() { S = item.Body };

        Place(DynamoItem.IndexPartition, ":ipk", item.Index is { } index ? new() { S = index.Partition } : null);
        Place(DynamoItem.IndexSort, ":isk", item.Index is { } sort ? new() { S = sort.Sort } : null);
        Place(DynamoItem.Expires, ":expires", item.ExpiresAt is { } expiry ? Number(expiry.ToUnixTimeMilliseconds()) : null);
        Place(DynamoItem.RemoveAfter, ":removeAfter", item.ExpiresAt is { } end ? Number((end.ToUnixTimeMilliseconds() + 999) / 1000) : null);

        Update = $"SET {string.Join(", ", set)}" + (remove.Count > 0 ? $" REMOVE {string.Join(", ", remove)}" : "");
        return this;

        void Place(string attribute, string name, AttributeValue? value)
        {
            if (value is null)
            {
                remove.Add(attribute);
                return;
            }
            set.Add($"{attribute} = {name}");
            _values[name] = value;
        }
    }

    private string NextVersion()
    {
        if (Version is { } known)
        {
            _values[":version"] = Number(known);
            return ":version";
        }
        // One that expired and still lies there goes on counting: a version never names two bodies, which is what versions are for.
        _values[":one"] = Number(1);
        _values[":zero"] = Number(0);
        return $"if_not_exists({DynamoItem.VersionNumber}, :zero) + :one";
    }

    private static AttributeValue Number(long number) => new() { N = number.ToString() };
}
