using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>Reads and takes out what a record refers to.</summary>
public static class References
{
    /// <summary>The ids of the records that a field refers to, each once.</summary>
    public static IReadOnlyList<string> Ids(JsonElement record, Relation reference) =>
    [
        .. (reference.IsMemberNames
            ? RecordFields.Find(record, reference.Field) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject().Select(member => member.Name) : []
            : RecordFields.Texts(record, reference.Field)).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The references to records of the same stream. What the platform sets itself nobody can write later, so it orders nothing.</summary>
    public static IReadOnlyList<Relation> ToItself(RestoreStreamInfo stream) => [.. Writable(stream).Where(reference => reference.Stream == stream.Name)];

    public static IEnumerable<Relation> Writable(RestoreStreamInfo stream) =>
        stream.References.Where(reference => !stream.ReadOnly.Any(field => field.Keys.SequenceEqual(reference.Field.Keys.Take(field.Keys.Count))));

    /// <summary>The references of a stream that a plan item names.</summary>
    public static IReadOnlyList<Relation> Named(RestoreStreamInfo stream, IReadOnlyList<string> pointers) =>
        [.. stream.References.Where(reference => pointers.Contains(StreamPlan.Pointer(reference.Field)))];

    /// <summary>The record without these references: a list of them goes as a whole.</summary>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> record, IEnumerable<Relation> references) => Changed(record, references, (holder, name) => holder.Remove(name));

    /// <summary>The record with these references empty, so that an update takes them out on the platform.</summary>
    public static ReadOnlyMemory<byte> Emptied(ReadOnlyMemory<byte> record, IEnumerable<Relation> references) => Changed(record, references, (holder, name) =>
    {
        if (holder.TryGetPropertyValue(name, out var value)) holder[name] = value switch { JsonArray => new JsonArray(), JsonObject => new JsonObject(), _ => null };
    });

    private static ReadOnlyMemory<byte> Changed(ReadOnlyMemory<byte> record, IEnumerable<Relation> references, Action<JsonObject, string> change)
    {
        var changed = JsonNode.Parse(record.Span)!; // A record is a JSON object.
        foreach (var reference in references)
        {
            var keys = reference.Field.Keys;
            Change(changed, keys[^1] == "*" ? [.. keys.SkipLast(1)] : keys, change);
        }
        return Encoding.UTF8.GetBytes(changed.ToJsonString());
    }

    private static void Change(JsonNode? node, IReadOnlyList<string> keys, Action<JsonObject, string> change)
    {
        var inner = keys.Skip(1).ToList();
        switch (node)
        {
            case JsonArray list when keys[0] == "*":
                foreach (var item in list) Change(item, inner, change);
                break;
            case JsonObject map when keys[0] == "*":
                foreach (var (_, member) in map) Change(member, inner, change);
                break;
            case JsonObject map when inner.Count == 0:
                change(map, keys[0]);
                break;
            case JsonObject map:
                Change(map[keys[0]], inner, change);
                break;
        }
    }
}
