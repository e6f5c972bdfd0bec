using System.Text.Json;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>Reads single fields of a record.</summary>
public static class RecordFields
{
    /// <summary>The scalar at the path as text (numbers as written), or null when it is absent, null or not a scalar.</summary>
    public static string? Text(JsonElement record, FieldPath path) => Find(record, path) is { } value ? Text(value) : null;

    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    public static JsonElement? Find(JsonElement record, FieldPath path)
    {
        foreach (var key in path.Keys)
        {
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(key, out record)) return null;
        }
        return record;
    }

    /// <summary>All scalars at a path in which <c>*</c> stands for every member or element.</summary>
    public static IEnumerable<string> Texts(JsonElement record, FieldPath path) => Texts(record, path, 0);

    private static IEnumerable<string> Texts(JsonElement value, FieldPath path, int depth)
    {
        if (depth == path.Keys.Count) return Text(value) is { } text ? [text] : [];
        var key = path.Keys[depth];
        return (value.ValueKind, key) switch
        {
            (JsonValueKind.Array, "*") => value.EnumerateArray().SelectMany(item => Texts(item, path, depth + 1)),
            (JsonValueKind.Object, "*") => value.EnumerateObject().SelectMany(member => Texts(member.Value, path, depth + 1)),
            (JsonValueKind.Object, _) when value.TryGetProperty(key, out var inner) => Texts(inner, path, depth + 1),
            _ => [],
        };
    }

    /// <summary>True when the record says of itself that it was deleted.</summary>
    public static bool IsDeleted(JsonElement record, DeleteDetection rule)
    {
        if (rule.Kind != DeleteDetectionKind.Field || rule.Field is null || Find(record, rule.Field) is not { } value) return false;
        if (rule.Values.Count == 0) return value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False);
        return (Text(value) ?? value.GetRawText()) is var text && rule.Values.Contains(text);
    }

    /// <summary>The texts of the key fields; null when one is missing.</summary>
    public static string[]? KeyParts(JsonElement record, IReadOnlyList<FieldPath> key)
    {
        var parts = new string[key.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Text(record, key[i]) is not { } text) return null;
            parts[i] = text;
        }
        return parts.Length == 0 ? null : parts;
    }
}
