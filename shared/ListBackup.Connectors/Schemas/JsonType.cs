using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Schemas;

/// <summary>The language's names of types, as JSON schemas. Every field may be null: platforms leave fields empty whatever their type is.</summary>
internal static class JsonType
{
    private const int DepthMax = 20;

    /// <summary>The schema; one that promises nothing for a type that nobody knows, because a new type of a platform's is no reason to know nothing.</summary>
    public static Value Of(Value type) => type.Kind switch
    {
        ValueKind.Text => Value.Of(Named(type.Text) ?? new ValueMap()),
        ValueKind.List when type.List.Count > 0 && type.List.All(item => item.IsText) => Value.Of(new ValueMap().Set("oneOf", Value.Of(type.List.Select(Of)))),
        ValueKind.Map when type.Map["field_type"] is { IsText: true } outer => Complex(outer, type.Map["items"]),
        _ => Value.Of(new ValueMap()),
    };

    public static bool IsKnown(Value type, int depth) => depth < DepthMax && type.Kind switch
    {
        ValueKind.Text => Named(type.Text) is not null,
        ValueKind.List => type.List.Count == 2 && type.List.All(item => item.IsText && IsKnown(item, depth)),
        ValueKind.Map => type.Map["field_type"] is { IsText: true } outer && IsKnown(outer, depth)
            && (type.Map["items"].IsNothing || (outer.Text == "array" && type.Map["items"].Kind != ValueKind.List && IsKnown(type.Map["items"], depth + 1))),
        _ => false,
    };

    private static Value Complex(Value outer, Value items)
    {
        var schema = Named(outer.Text) ?? new ValueMap();

        return Value.Of(items.IsNothing ? schema : schema.Set("items", Of(items)));
    }

    private static ValueMap? Named(string type) => type switch
    {
        "string" or "boolean" or "integer" or "number" or "array" or "object" => Nullable(type),
        "date" => Nullable("string").Set("format", Value.Of("date")),
        "timestamp_with_timezone" => Nullable("string").Set("format", Value.Of("date-time")),
        "timestamp_without_timezone" => Nullable("string").Set("format", Value.Of("date-time")).Set("airbyte_type", Value.Of(type)),
        "time_with_timezone" or "time_without_timezone" => Nullable("string").Set("format", Value.Of("time")).Set("airbyte_type", Value.Of(type)),
        _ => null,
    };

    private static ValueMap Nullable(string type) => new ValueMap().Set("type", Value.Of((string[])["null", type]));
}
