using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ListBackup.Testing.Manifests;

/// <summary>Records made up from a stream's schema, with what breaks careless readers: ids above 2^53, decimals that end in zero, unicode, escapes, nesting, nulls.</summary>
internal sealed class ExampleRecords(FakeStream stream, object? schema, IReadOnlyList<IReadOnlyList<string>> unique, IReadOnlyList<ExampleMember> members, bool isFlat)
{
    private const int PropertiesMax = 24;
    private const int NarrowMax = 4;
    private const int DepthMax = 4;

    /// <summary>Records of one row, where rows have several: from none to one fewer.</summary>
    private const int ItemsMax = 4;

    private const long BeyondDoubles = 9_007_199_254_740_993;

    /// <param name="number">Unique in the whole platform.</param>
    public HeldRecord Make(int number, DateTimeOffset? time, long? count, bool isWide = true)
    {
        var record = stream.Expansion is { } expansion ? Row(expansion, number, time, count, isWide) : Record(number, time, count, isWide);
        var json = new StringBuilder();
        Write(record, json);

        return new HeldRecord(number, json.ToString(), time, count);
    }

    /// <summary>A row whose list has no, one or a few records.</summary>
    private Dictionary<string, object> Row(FakeExpansion expansion, int number, DateTimeOffset? time, long? count, bool isWide)
    {
        var row = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var path in members.Select(member => member.Path).Concat(unique).Where(IsRow))
            Set(row, [.. path.Skip(1)], _ => UniqueValue(path, number), keep: true);
        var items = new List<object>();
        for (var at = 0; at < number % ItemsMax; at++)
            items.Add(Record((number * ItemsMax) + at, time, count, isWide));
        var place = row;
        foreach (var part in expansion.Path.SkipLast(1))
            place = (Dictionary<string, object>)(place[part] = place.GetValueOrDefault(part) as Dictionary<string, object> ?? new Dictionary<string, object>(StringComparer.Ordinal));
        place[expansion.Path[^1]] = items;

        return row;
    }

    private bool IsRow(IReadOnlyList<string> path) => stream.Expansion is not null && path is [FakeExpansion.Original, _, ..];

    private Dictionary<string, object> Record(int number, DateTimeOffset? time, long? count, bool isWide)
    {
        var record = new Dictionary<string, object>(StringComparer.Ordinal);
        var properties = Properties(schema);
        foreach (var (name, property) in properties.Take(isWide || isFlat ? PropertiesMax : NarrowMax))
            record[name] = Value(name, property, number, 0);
        foreach (var member in members.Where(member => !IsRow(member.Path)))
            Set(record, member.Path, current => current is Dictionary<string, object> ? null : Asked(member, number), keep: member is { Sample: null, Kind: ExampleKind.Text });
        foreach (var path in unique.Where(path => !IsRow(path)))
            Set(record, path, current => current is Dictionary<string, object> ? null : UniqueValue(path, number), keep: false);
        if (stream.Cursor is { } cursor && (time is not null || count is not null))
        {
            var path = FakePipeline.Sources(stream, [cursor.Field])[0];
            var isNumber = TypeOf(Described(path)) is "integer" or "number" && !isFlat;
            Set(record, path, _ => count is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : cursor.Write(time!.Value, isNumber), keep: false);
        }

        if (record.Count == 0)
            record["value"] = Text($"row {number}");

        return record;
    }

    private static string Asked(ExampleMember member, int number) => member.Kind switch
    {
        ExampleKind.Flag => number % 2 == 0 ? "true" : "false",
        ExampleKind.List => $"[{Text($"{member.Path[^1]}-{number}")}]",
        ExampleKind.Whole => ((number % 3) + 2).ToString(CultureInfo.InvariantCulture),
        _ => Text(member.Sample ?? (IsZone(member.Path[^1]) ? "Europe/Berlin" : $"{member.Path[^1]}-{number}")),
    };

    private string UniqueValue(IReadOnlyList<string> path, int number)
    {
        return TypeOf(Described(path)) is "integer" or "number" && !isFlat
            ? (BeyondDoubles + number).ToString(CultureInfo.InvariantCulture)
            : Text($"{path[^1]}-{number}");
    }

    private object? Described(IReadOnlyList<string> path) => path.Aggregate(schema, (node, part) => Properties(node).GetValueOrDefault(part));

    private object Value(string name, object? schema, int number, int depth)
    {
        if (schema is Dictionary<string, object?> described && described.GetValueOrDefault("enum") is List<object?> { Count: > 0 } options && options[0] is string one)
            return Text(one);
        var type = TypeOf(schema);
        if (isFlat)
            return Text($"{name} {number}");
        if (IsNullable(schema) && (number + name.Length) % 7 == 3)
            return "null";

        return type switch
        {
            "integer" => number % 5 == 0 ? (BeyondDoubles + number).ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture),
            "number" => (number % 4) switch { 0 => $"{number}.10", 1 => "100.00", 2 => $"-{number}.123456789012345678", _ => $"{number}" },
            "boolean" => number % 2 == 0 ? "true" : "false",
            "array" when depth < DepthMax => new List<object> { Value(name, Items(schema), number, depth + 1), Value(name, Items(schema), number + 1, depth + 1) },
            "object" when depth < DepthMax => Properties(schema) is { Count: > 0 } properties
                ? properties.Take(PropertiesMax / 2).ToDictionary(property => property.Key, property => Value(property.Key, property.Value, number, depth + 1), StringComparer.Ordinal)
                : new Dictionary<string, object>(StringComparer.Ordinal) { ["key"] = Text($"value {number}") },
            "array" => "[]",
            "object" => "{}",
            _ => Text(name, schema, number),
        };
    }

    private static string Text(string name, object? schema, int number) => (schema as Dictionary<string, object?>)?.GetValueOrDefault("format") switch
    {
        _ when IsZone(name) => "\"Europe/Berlin\"",
        "date-time" => $"\"2026-01-{(number % 28) + 1:00}T01:02:03Z\"",
        "date" => $"\"2026-01-{(number % 28) + 1:00}\"",
        _ => (number % 6) switch
        {
            0 => Text($"{name} 日本語 🙂 {number}"),
            1 => $"\"caf\\u00e9 \\/ {number}\"",
            2 => $"\"line\\nbreak \\\"quoted\\\" {number}\"",
            _ => Text($"{name} {number}"),
        },
    };

    private static bool IsZone(string name) => name.Replace("_", "", StringComparison.Ordinal).Contains("timezone", StringComparison.OrdinalIgnoreCase);

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static void Set(Dictionary<string, object> record, IReadOnlyList<string> path, Func<object?, string?> make, bool keep)
    {
        for (var at = 0; at < path.Count - 1; at++)
        {
            if (record.TryGetValue(path[at], out var next) && next is Dictionary<string, object> map)
            {
                record = map;
            }
            else if (keep && next is List<object>)
            {
                return;
            }
            else
            {
                var made = new Dictionary<string, object>(StringComparer.Ordinal);
                record[path[at]] = made;
                record = made;
            }
        }

        var present = record.GetValueOrDefault(path[^1]);
        if (keep && present is not null and not "null")
            return;
        if (make(present) is { } value)
            record[path[^1]] = value;
    }

    private static Dictionary<string, object?> Properties(object? schema) =>
        schema is Dictionary<string, object?> map && map.GetValueOrDefault("properties") is Dictionary<string, object?> properties ? properties : [];

    private static object? Items(object? schema) => (schema as Dictionary<string, object?>)?.GetValueOrDefault("items");

    private static string TypeOf(object? schema) => (schema as Dictionary<string, object?>)?.GetValueOrDefault("type") switch
    {
        string one => one,
        List<object?> list => list.OfType<string>().FirstOrDefault(type => type != "null") ?? "string",
        _ => (schema as Dictionary<string, object?>)?.ContainsKey("properties") == true ? "object" : "string",
    };

    private static bool IsNullable(object? schema) => (schema as Dictionary<string, object?>)?.GetValueOrDefault("type") is List<object?> list && list.Any(type => type is null or "null");

    private static void Write(object node, StringBuilder json)
    {
        switch (node)
        {
            case string raw:
                json.Append(raw);
                break;
            case List<object> list:
                json.Append('[');
                for (var at = 0; at < list.Count; at++)
                {
                    if (at > 0)
                        json.Append(", ");
                    Write(list[at], json);
                }

                json.Append(']');
                break;
            case Dictionary<string, object> map:
                json.Append('{');
                var first = true;
                foreach (var (key, value) in map)
                {
                    if (!first)
                        json.Append(',');
                    first = false;
                    json.Append(Text(key)).Append(": ");
                    Write(value, json);
                }

                json.Append('}');
                break;
        }
    }
}

/// <summary>A member that records must have, since the manifest's expressions ask for it.</summary>
/// <param name="Sample">Its text; null: one of its own for each record.</param>
internal sealed record ExampleMember(IReadOnlyList<string> Path, string? Sample = null, ExampleKind Kind = ExampleKind.Text);

internal enum ExampleKind
{
    Text,

    /// <summary>A list of one text.</summary>
    List,

    /// <summary>A small number, as sizes of pages are.</summary>
    Whole,

    /// <summary>True of every other record.</summary>
    Flag,
}
