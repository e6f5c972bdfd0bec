using System.Globalization;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A configuration made up from a manifest's specification: every required field, and each optional one that the manifest's expressions ask for.</summary>
internal sealed class ExampleConfig(ManifestDocument document, string yaml, DateTimeOffset start, DateTimeOffset now)
{
    private static readonly string[] TextCandidates = ["acme-x", "acme.example.com", "https://acme.example.com", "sandbox_acme", "12345678", "0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f", "ACME", "US", "us1", "P1D", "0a1b2c3d:0a1b2c3d4e5f"];

    /// <param name="choice">Which alternative to take where the specification offers several.</param>
    public Value Make(int choice)
    {
        var spec = new Component(document, (Dictionary<string, object?>)(document.Resolve(document.Root.GetValueOrDefault("spec")) ?? new Dictionary<string, object?>()));
        var schema = spec.Plain("connection_specification") ?? spec.Plain("connectionSpecification");
        var config = schema is Dictionary<string, object?> map ? Map(map, choice) : new ValueMap();
        ExampleStreamLists.Add(config, document, schema as Dictionary<string, object?> ?? [], (name, described) => Make(name, described, choice));
        AddForgotten(config, schema as Dictionary<string, object?> ?? []);
        FitAddresses(config);

        return Value.Of(config);
    }

    public int Choices => Regex.Count(yaml, "oneOf:") == 0 ? 1 : 2;

    private ValueMap Map(Dictionary<string, object?> schema, int choice)
    {
        var config = new ValueMap();
        AddProperties(config, schema, choice);
        if (schema.GetValueOrDefault("oneOf") is List<object?> { Count: > 0 } alternatives && alternatives[Math.Min(choice, alternatives.Count - 1)] is Dictionary<string, object?> chosen)
            AddProperties(config, chosen, choice);

        return config;
    }

    private void AddProperties(ValueMap config, Dictionary<string, object?> schema, int choice)
    {
        var required = schema.GetValueOrDefault("required") is List<object?> names ? names.Select(Component.TextOf).ToHashSet(StringComparer.Ordinal) : [];
        if (schema.GetValueOrDefault("properties") is not Dictionary<string, object?> properties)
            return;
        foreach (var (name, property) in properties)
        {
            if (property is not Dictionary<string, object?> description)
                continue;

            // An optional end would hide what changes later; an optional field that nobody asks for proves nothing.
            var isWanted = required.Contains(name) || description.ContainsKey("const") || description.ContainsKey("default")
                || (!IsEnd(name) && Regex.IsMatch(yaml, $@"config(\.|\[['""]|.*\[['""]){Regex.Escape(name)}\b"));
            if (isWanted && Make(name, description, choice) is { IsNothing: false } value)
                config.Set(name, value);
        }
    }

    private Value Make(string name, Dictionary<string, object?> schema, int choice)
    {
        if (schema.TryGetValue("const", out var constant))
            return Component.ToValue(constant);
        if (schema.GetValueOrDefault("type") is "integer" && name.Contains("date", StringComparison.OrdinalIgnoreCase))
            return Value.Of((IsEnd(name) ? now.AddYears(1) : start).ToUnixTimeSeconds());
        if (IsEnd(name) && IsTime(name, schema))
            return Time(schema, now.AddYears(1));
        if (IsTime(name, schema) && name.Contains("start", StringComparison.OrdinalIgnoreCase))
            return Time(schema, start);
        if (schema.GetValueOrDefault("default") is { } standard and not "")
            return Component.ToValue(standard);
        if (schema.GetValueOrDefault("enum") is List<object?> { Count: > 0 } options)
            return Component.ToValue(options[0]);

        var types = schema.GetValueOrDefault("type") switch { List<object?> list => list.Select(Component.TextOf).ToList(), string one => [one], _ => schema.ContainsKey("properties") || schema.ContainsKey("oneOf") ? ["object"] : ["string"] };

        return types.First(type => type != "null") switch
        {
            "object" => Value.Of(Map(schema, choice)),
            "array" => Value.Of([Make(name, schema.GetValueOrDefault("items") as Dictionary<string, object?> ?? [], choice)]),
            "integer" or "number" => Value.Of(Whole(schema)),
            "boolean" => Value.False,
            _ => IsTime(name, schema) ? Time(schema, start) : Text(name, schema),
        };
    }

    private static long Whole(Dictionary<string, object?> schema) =>
        schema.GetValueOrDefault("minimum") is long least ? Math.Max(least, 10) : schema.GetValueOrDefault("maximum") is long most && most < 10 ? most : 10;

    private static bool IsEnd(string name) => Regex.IsMatch(name, "end_?(date|time)|_to$|date_to|until|replication_end", RegexOptions.IgnoreCase);

    private static bool IsTime(string name, Dictionary<string, object?> schema) =>
        schema.GetValueOrDefault("format") is "date" or "date-time" || (name.Contains("date", StringComparison.OrdinalIgnoreCase) && schema.GetValueOrDefault("type") is "string" or null && !name.Contains("update", StringComparison.OrdinalIgnoreCase));

    private static Value Time(Dictionary<string, object?> schema, DateTimeOffset at)
    {
        string[] formats = schema.GetValueOrDefault("format") is "date" ? ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ"] : ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss.fffZ", "yyyyMMdd", "MM/dd/yyyy"];
        var spelled = formats.Select(format => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture)).ToList();

        return Value.Of(spelled.FirstOrDefault(text => Fits(text, schema)) ?? spelled[0]);
    }

    private static Value Text(string name, Dictionary<string, object?> schema)
    {
        if (schema.GetValueOrDefault("pattern") is not string)
        {
            if (schema.GetValueOrDefault("examples") is List<object?> { Count: > 0 } given && given[0] is string text)
                return Value.Of(text);

            return Value.Of(name.Contains("private_key", StringComparison.Ordinal) ? ExampleKeys.Private : $"{name}-acme");
        }

        var examples = schema.GetValueOrDefault("examples") is List<object?> list ? list.Select(Component.TextOf) : [];

        return Value.Of(examples.Concat(TextCandidates).FirstOrDefault(text => Fits(text, schema)) ?? TextCandidates[0]);
    }

    private static bool Fits(string text, Dictionary<string, object?> schema) =>
        schema.GetValueOrDefault("pattern") is not string pattern || Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));

    /// <summary>Fields that the manifest's expressions ask for although its specification does not know them.</summary>
    private void AddForgotten(ValueMap config, Dictionary<string, object?> schema)
    {
        var known = schema.GetValueOrDefault("properties") as Dictionary<string, object?> ?? [];
        foreach (var name in document.Texts.SelectMany(text => Regex.Matches(text, @"config\[\s*['""](\w+)['""]\s*\]\s*\}\}")).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal))
        {
            if (!config.Has(name) && !known.ContainsKey(name) && !IsEnd(name))
                config.Set(name, IsTime(name, []) ? Time([], start) : Value.Of($"{name}-acme"));
        }
    }

    /// <summary>A field may be a host, a part of one, or a whole address: the one that makes every address of the manifest an address is right.</summary>
    private void FitAddresses(ValueMap config)
    {
        foreach (var template in document.TextsAt("url_base", "url", "token_refresh_endpoint"))
        {
            foreach (Match field in Regex.Matches(template, @"\{\{\s*(config[^{}|]*?)\s*\}\}"))
            {
                if (Chains.Of(field.Groups[1].Value, "config") is not [{ Count: > 0 } path, ..] || ValuePaths.Get(Value.Of(config), path) is not { IsText: true } text)
                    continue;
                var isWhole = field.Index == 0;
                if (isWhole && !text.Text.Contains("://", StringComparison.Ordinal))
                    ValuePaths.Set(config, path, Value.Of("https://acme.example.com"));
                else if (!isWhole && text.Text.Contains("://", StringComparison.Ordinal))
                    ValuePaths.Set(config, path, Value.Of(new Uri(text.Text).Host));
                else if (!isWhole)
                    ValuePaths.Set(config, path, Value.Of(text.Text.Replace('_', '-').Replace(' ', '-')));
            }
        }
    }
}
