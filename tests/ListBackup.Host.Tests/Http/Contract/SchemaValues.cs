using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ListBackup.Domain;

namespace ListBackup.Host.Tests;

/// <summary>Values of a schema of the document: such as it allows, and such as it does not. The same seed makes the same values.</summary>
internal sealed class SchemaValues(JsonNode document, Random random, IReadOnlyDictionary<string, string> ids)
{
    private const int DepthMax = 6;

    private static readonly string[] Texts = ["", "x", "Ada Lovelace", "ada@example.org", "0 3 * * *", "Europe/Berlin", "https://listbackup.invalid/hook", "'; DROP TABLE x", "../../etc/passwd", "\u202eabc", "\ud83d\ude00", "\u0000", "日本語", "null"];
    private static readonly long[] Numbers = [0, 1, -1, 2, 7, 24, 50, 200, 201, 1000, int.MaxValue, int.MinValue, long.MaxValue];

    /// <summary>One that the schema allows; members that need not be there often are not.</summary>
    public JsonNode? Valid(JsonNode? schema, int depth = 0)
    {
        schema = Resolved(schema);
        if (schema is null) return random.Next(3) switch { 0 => null, 1 => JsonValue.Create(Text()), _ => new JsonObject() };
        if (schema["enum"] is JsonArray values) return values[random.Next(values.Count)]?.DeepClone();
        if (schema["const"] is { } constant) return constant.DeepClone();
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray any) return Valid(any[random.Next(any.Count)], depth);
        var types = TypesOf(schema);
        return types[random.Next(types.Count)] switch
        {
            "object" => Object(schema, depth),
            "array" => Array(schema, depth),
            "integer" => JsonValue.Create(Math.Clamp(Numbers[random.Next(Numbers.Length)], Long(schema["minimum"], Least(schema)), Long(schema["maximum"], Most(schema)))),
            "number" => JsonValue.Create(Math.Round(random.NextDouble() * 1000, 3)),
            "boolean" => JsonValue.Create(random.Next(2) == 0),
            "null" => null,
            _ => JsonValue.Create(StringOf(schema)),
        };
    }

    /// <summary>A body that is somehow wrong: a member of another type, missing, unknown, or far too long.</summary>
    public JsonNode? Broken(JsonNode? schema)
    {
        if (random.Next(4) == 0) return random.Next(3) switch { 0 => new JsonArray(), 1 => JsonValue.Create("text"), _ => null };
        var valid = Valid(schema);
        if (valid is not JsonObject body) return JsonValue.Create(new string('x', 10_000));
        var names = body.Select(member => member.Key).ToList();
        switch (names.Count == 0 ? 0 : random.Next(4))
        {
            case 0: body[$"unknown{random.Next(10)}"] = 1; break;
            case 1: body.Remove(names[random.Next(names.Count)]); break;
            case 2: body[names[random.Next(names.Count)]] = random.Next(3) switch { 0 => new JsonObject(), 1 => new JsonArray(1, "a", null), _ => JsonValue.Create(-0.5) }; break;
            default: body[names[random.Next(names.Count)]] = new string('x', 5_000); break;
        }
        return body;
    }

    /// <summary>As it stands in a path or query.</summary>
    public string Parameter(JsonNode? schema)
    {
        var value = Valid(schema);
        return value is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : value?.ToJsonString() ?? "";
    }

    /// <summary>The schema itself, where it is a reference.</summary>
    private JsonNode? Resolved(JsonNode? schema)
    {
        while (schema?["$ref"]?.GetValue<string>() is { } reference)
        {
            JsonNode? node = document;
            foreach (var key in reference.TrimStart('#', '/').Split('/')) node = node?[key];
            schema = node;
        }
        return schema;
    }

    private static IReadOnlyList<string> TypesOf(JsonNode schema) => schema["type"] switch
    {
        JsonArray types => [.. types.Select(type => type!.GetValue<string>())],
        JsonValue type => [type.GetValue<string>()],
        _ => schema["properties"] is not null ? ["object"] : ["string"],
    };

    private JsonObject Object(JsonNode schema, int depth)
    {
        var made = new JsonObject();
        var required = schema["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || (depth < DepthMax && random.Next(2) == 0)) made[name] = Valid(member, depth + 1);
        }
        if (schema["additionalProperties"] is JsonObject values && random.Next(2) == 0) made[$"k{random.Next(5)}"] = Valid(values, depth + 1);
        return made;
    }

    private JsonArray Array(JsonNode schema, int depth) => [.. Enumerable.Range(0, depth >= DepthMax ? 0 : random.Next(3)).Select(_ => Valid(schema["items"], depth + 1))];

    private string StringOf(JsonNode schema)
    {
        if (schema["pattern"]?.GetValue<string>() is { } pattern && Regex.Match(pattern, "^\\^([a-z]{3,4})_") is { Success: true } id)
            return ids.TryGetValue(id.Groups[1].Value, out var known) && random.Next(4) != 0 ? known : IdOf(id.Groups[1].Value);
        return schema["format"]?.GetValue<string>() switch
        {
            "date-time" => DateTimeOffset.UnixEpoch.AddSeconds(random.NextInt64(4_000_000_000)).ToString("O"),
            "uri" => "https://listbackup.invalid/x",
            "uuid" => "018f3e1a-0000-7000-8000-000000000000",
            _ => Text(),
        };
    }

    // Any valid id has this form; nothing has this one.
    private static string IdOf(string prefix) => $"{prefix}_{AccountId.New(TimeProvider.System).ToString().Split('_')[1]}";

    private string Text() => random.Next(20) == 0 ? new string('x', random.Next(1, 300)) : Texts[random.Next(Texts.Length)];

    private static long Least(JsonNode schema) => schema["format"]?.GetValue<string>() == "int32" ? int.MinValue : long.MinValue;

    private static long Most(JsonNode schema) => schema["format"]?.GetValue<string>() == "int32" ? int.MaxValue : long.MaxValue;

    private static long Long(JsonNode? number, long otherwise) => number is JsonValue value && value.TryGetValue<long>(out var exact) ? exact : otherwise;
}
