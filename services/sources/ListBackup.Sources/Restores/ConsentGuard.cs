using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>
/// Nobody is subscribed again who had said no: where the newest version that we know of a record has a stricter consent than the snapshot that is restored,
/// the stricter one is restored. (What the live platform says is minded by the restore target itself.)
/// </summary>
public static class ConsentGuard
{
    /// <summary>The record with the stricter of both values in each consent field, and the fields that were kept stricter.</summary>
    public static (ReadOnlyMemory<byte> Json, IReadOnlyList<FieldPath> Kept) Apply(ReadOnlyMemory<byte> record, ReadOnlyMemory<byte>? newest, IReadOnlyList<NeverWeaken> rules)
    {
        if (newest is not { } known || rules.Count == 0) return (record, []);
        using var now = JsonDocument.Parse(known);
        using var then = JsonDocument.Parse(record);
        var kept = rules.Where(rule => rule.ItemsBy is null && IsStricter(RecordFields.Find(now.RootElement, rule.Field), RecordFields.Find(then.RootElement, rule.Field), rule)).ToList();
        var fewer = rules.Where(rule => rule.ItemsBy is not null && Left(rule, now.RootElement, then.RootElement) is { Count: > 0 }).ToList();
        if (kept.Count + fewer.Count == 0) return (record, []);

        var changed = JsonNode.Parse(record.Span)!; // It was parsed above; a record is never null.
        foreach (var rule in kept) Set(changed, rule.Field, RecordFields.Find(now.RootElement, rule.Field)!.Value);
        foreach (var rule in fewer)
        {
            var left = Left(rule, now.RootElement, then.RootElement);
            Set(changed, rule.Field, Items(then.RootElement, rule.Field).Where(item => !left.Contains(Item(item, rule))));
        }

        kept.AddRange(fewer);
        return (Encoding.UTF8.GetBytes(changed.ToJsonString()), [.. kept.Select(rule => rule.Field)]);
    }

    /// <summary>A value that the rule does not know counts as the strictest: what we do not understand we do not weaken.</summary>
    private static bool IsStricter(JsonElement? newest, JsonElement? restored, NeverWeaken rule) =>
        newest is { } value && Rank(value, rule) < (restored is { } old ? Rank(old, rule) : int.MaxValue);

    private static int Rank(JsonElement value, NeverWeaken rule)
    {
        for (var i = 0; i < rule.StrictestFirst.Count; i++)
        {
            if (rule.StrictestFirst[i] == RecordFields.Text(value)) return i;
        }
        return -1;
    }

    /// <summary>What the person left since: what the newest version says so of, or else what the snapshot's list has and the newest one lacks.</summary>
    private static HashSet<string> Left(NeverWeaken rule, JsonElement newest, JsonElement restored)
    {
        var left = Items(restored, rule.Field).Select(item => Item(item, rule)).ToHashSet(StringComparer.Ordinal);
        if (rule.LeftIn is { } field) left.IntersectWith(Items(newest, field).Select(item => Item(item, rule)));
        else left.ExceptWith(Items(newest, rule.Field).Select(item => Item(item, rule)));
        return left;
    }

    private static IEnumerable<JsonElement> Items(JsonElement record, FieldPath field) =>
        RecordFields.Find(record, field) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static string Item(JsonElement item, NeverWeaken rule) =>
        rule.ItemsBy!.Keys is ["*"] ? item.GetRawText() : RecordFields.Find(item, rule.ItemsBy) is { } key ? key.GetRawText() : "";

    private static void Set(JsonNode record, FieldPath path, JsonElement value) => Set(record, path, JsonNode.Parse(value.GetRawText()));

    private static void Set(JsonNode record, FieldPath path, IEnumerable<JsonElement> items) =>
        Set(record, path, new JsonArray([.. items.Select(item => JsonNode.Parse(item.GetRawText()))]));

    private static void Set(JsonNode record, FieldPath path, JsonNode? value)
    {
        for (var i = 0; i < path.Keys.Count - 1; i++)
        {
            if (record[path.Keys[i]] is not JsonObject inner) record[path.Keys[i]] = inner = [];
            record = inner;
        }
        record[path.Keys[^1]] = value;
    }
}
