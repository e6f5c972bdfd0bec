using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>
/// Checks a configuration against a connector's JSON schema: the keywords of draft 7 that connectors use. Keywords that it does not know restrict
/// nothing here; the platform itself has the last word when the connection is tested. Messages name fields, never values.
/// </summary>
public sealed class ConfigSchema(JsonElement schema)
{
    // A schema is a form that a person fills in; deeper ones are a mistake or an attack.
    private const int DepthMax = 20;
    private const int ErrorsMax = 50;
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(100);

    /// <exception cref="Problem">Invalid: every field that does not fit.</exception>
    public void Require(JsonObject config)
    {
        var errors = Check(config);
        if (errors.Count > 0) throw Problem.Invalid(errors.ToDictionary(e => $"config{e.Key}", e => e.Value.ToArray(), StringComparer.Ordinal));
    }

    /// <summary>Messages by path (".host", ".credentials.api_key").</summary>
    public IReadOnlyDictionary<string, List<string>> Check(JsonObject config)
    {
        var errors = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        Check(schema, config, "", errors, 0);
        return errors;
    }

    private static void Check(JsonElement schema, JsonNode? value, string path, Dictionary<string, List<string>> errors, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > DepthMax || errors.Count >= ErrorsMax) return;
        if (!HasType(schema, value))
        {
            Add(errors, path, $"This has to be {Join(TypesOf(schema))}.");
            return;
        }
        if (schema.TryGetProperty("const", out var constant) && !Same(constant, value)) Add(errors, path, "This has to be the one value that the schema names.");
        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => Same(choice, value)))
            Add(errors, path, $"This has to be one of: {string.Join(", ", choices.EnumerateArray())}.");
        switch (value)
        {
            case JsonObject map: CheckObject(schema, map, path, errors, depth); break;
            case JsonArray list: CheckList(schema, list, path, errors, depth); break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String: CheckText(schema, leaf.GetValue<string>(), path, errors); break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.Number: CheckNumber(schema, leaf, path, errors); break;
        }
        CheckChoices(schema, value, path, errors, depth);
    }

    private static void CheckObject(JsonElement schema, JsonObject map, string path, Dictionary<string, List<string>> errors, int depth)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(r => r.GetString()).OfType<string>())
            {
                if (map[name] is null) Add(errors, $"{path}.{name}", "This has to be filled in.");
            }
        }
        var properties = schema.TryGetProperty("properties", out var declared) ? declared : default;
        var closed = schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.False;
        foreach (var (name, child) in map)
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var property))
            {
                // Absent and null say the same: there is none.
                if (child is not null) Check(property, child, $"{path}.{name}", errors, depth + 1);
            }
            else if (closed)
            {
                Add(errors, $"{path}.{name}", "The connector does not know this field.");
            }
            else if (others.ValueKind == JsonValueKind.Object)
            {
                Check(others, child, $"{path}.{name}", errors, depth + 1);
            }
        }
    }

    private static void CheckList(JsonElement schema, JsonArray list, string path, Dictionary<string, List<string>> errors, int depth)
    {
        if (Number(schema, "minItems") is { } min && list.Count < min) Add(errors, path, $"This needs at least {min} items.");
        if (Number(schema, "maxItems") is { } max && list.Count > max) Add(errors, path, $"This has at most {max} items.");
        if (!schema.TryGetProperty("items", out var items)) return;
        for (var i = 0; i < list.Count; i++) Check(items, list[i], $"{path}[{i}]", errors, depth + 1);
    }

    private static void CheckText(JsonElement schema, string text, string path, Dictionary<string, List<string>> errors)
    {
        if (Number(schema, "minLength") is { } min && text.Length < min) Add(errors, path, $"This needs at least {min} characters.");
        if (Number(schema, "maxLength") is { } max && text.Length > max) Add(errors, path, $"This has at most {max} characters.");
        if (schema.TryGetProperty("pattern", out var pattern) && pattern.GetString() is { } expression && !Matches(expression, text))
            Add(errors, path, $"This does not have the form that the platform expects{(Text(schema, "pattern_descriptor") is { } form ? $": {form}" : "")}.");
        var fits = Text(schema, "format") switch
        {
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            _ => true,
        };
        if (!fits) Add(errors, path, $"This has to be a {Text(schema, "format")}.");
    }

    private static void CheckNumber(JsonElement schema, JsonValue leaf, string path, Dictionary<string, List<string>> errors)
    {
        if (!decimal.TryParse(leaf.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return;
        if (Number(schema, "minimum") is { } min && number < min) Add(errors, path, $"This has to be {min} or more.");
        if (Number(schema, "maximum") is { } max && number > max) Add(errors, path, $"This has to be {max} or less.");
    }

    private static void CheckChoices(JsonElement schema, JsonNode? value, string path, Dictionary<string, List<string>> errors, int depth)
    {
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var part in all.EnumerateArray()) Check(part, value, path, errors, depth + 1);
        }
        if (!schema.TryGetProperty("oneOf", out var choices) && !schema.TryGetProperty("anyOf", out choices)) return;
        List<Dictionary<string, List<string>>> failures = [];
        foreach (var choice in choices.EnumerateArray())
        {
            var own = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            Check(choice, value, path, own, depth + 1);
            if (own.Count == 0) return;
            failures.Add(own);
        }
        // The choice that the person meant is the one that fits best: its complaints are the useful ones.
        foreach (var (field, messages) in failures.MinBy(f => f.Count) ?? [])
        {
            foreach (var message in messages) Add(errors, field, message);
        }
    }

    private static bool HasType(JsonElement schema, JsonNode? value)
    {
        var types = TypesOf(schema);
        if (types.Count == 0) return true;
        return types.Any(type => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
        {
            ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number)
                or ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
            ("integer", JsonValueKind.Number) => long.TryParse(value!.ToJsonString(), out _), // A number is not null.
            _ => false,
        });
    }

    private static List<string> TypesOf(JsonElement schema) => !schema.TryGetProperty("type", out var type)
        ? []
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.ToString())] : [type.ToString()];

    private static bool Same(JsonElement expected, JsonNode? value)
    {
        using var document = JsonDocument.Parse(value?.ToJsonString() ?? "null");
        return JsonElement.DeepEquals(expected, document.RootElement);
    }

    private static bool Matches(string expression, string text)
    {
        try
        {
            return Regex.IsMatch(text, expression, RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            // A pattern that a customer's manifest brought must not hold the process; the platform decides.
            return true;
        }
        catch (ArgumentException)
        {
            // Not a pattern of this dialect.
            return true;
        }
    }

    private static decimal? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetDecimal(out var value) ? value : null;

    private static string? Text(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static string Join(List<string> types) => string.Join(" or ", types.Select(type => type switch
    {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => type,
    }));

    private static void Add(Dictionary<string, List<string>> errors, string path, string message)
    {
        if (!errors.TryGetValue(path, out var messages)) errors[path] = messages = [];
        if (!messages.Contains(message, StringComparer.Ordinal)) messages.Add(message);
    }
}
