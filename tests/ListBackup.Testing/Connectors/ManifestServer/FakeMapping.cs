using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Which value a resolver of dynamic streams puts where in its template.</summary>
internal sealed class FakeMapping(Component mapping)
{
    public static IReadOnlyList<FakeMapping> Of(Component resolver) => [.. resolver.Children("components_mapping").Select(mapping => new FakeMapping(mapping))];

    /// <summary>What its expressions ask of the values of a stream.</summary>
    public IEnumerable<IReadOnlyList<string>> Asks =>
        mapping.Texts("field_path").Append(mapping["value"] as string ?? "").Append(mapping.Text("condition") ?? "").SelectMany(text => Chains.Of(text, "components_values"));

    /// <summary>A member that a platform's description of a stream has for this mapping: of the kind that the template wants there.</summary>
    public IEnumerable<ExampleMember> Members(object? template) => Asks.Select(chain => new ExampleMember(chain, Kind: Kind(template)));

    /// <param name="readsYaml">Texts of forms and manifests are read as YAML, a platform's are not.</param>
    public void Apply(Dictionary<string, object?> template, ExpressionContext context, bool readsYaml)
    {
        if (mapping.Text("condition") is { Length: > 0 } condition && !mapping.Template(condition).EvaluateCondition(context))
            return;
        var value = Typed(mapping["value"] is string text ? mapping.Template(text).Evaluate(context) : Component.ToValue(mapping.Plain("value")), context);
        var node = readsYaml && value.IsText ? ManifestDocument.Read(value.Text) : Component.ToNode(value);
        string[] path = [.. mapping.Texts("field_path").Select(part => mapping.Template(part).EvaluateText(context) ?? "")];

        var places = Places(template, path, 0, []).ToList();
        foreach (var (owner, key) in places)
            Put(owner, key, node);
        if (places.Count == 0 && mapping.Flag("create_or_update") && value.IsTrue)
            Make(template, path, node);
    }

    /// <summary>A text that reads as a literal becomes one, but not where another type is wanted.</summary>
    private Value Typed(Value value, ExpressionContext context) => mapping.Text("value_type") switch
    {
        "string" when !value.IsText && !value.IsNone => Value.Of(mapping.Template((string)mapping["value"]!).EvaluateText(context)),
        _ => value,
    };

    private ExampleKind Kind(object? template) => mapping.Text("value_type") switch
    {
        "integer" or "number" => ExampleKind.Whole,
        "boolean" => ExampleKind.Flag,
        not null => ExampleKind.Text,
        null => Places(template, mapping.Texts("field_path"), 0, []).Select(place => Member(place.Owner, place.Key)).FirstOrDefault() switch
        {
            bool => ExampleKind.Flag,
            long or double => ExampleKind.Whole,
            _ => ExampleKind.Text,
        },
    };

    /// <summary>
    /// Where a path leads: <c>*</c> is any key or item, <c>**</c> any number of levels. A component has the members that parameters in force there fill.
    /// </summary>
    private static IEnumerable<(object Owner, string Key)> Places(object? node, IReadOnlyList<string> path, int at, IReadOnlyCollection<string> parameters)
    {
        var map = node as Dictionary<string, object?>;
        if (map?.GetValueOrDefault("$parameters") is Dictionary<string, object?> own)
            parameters = [.. parameters, .. own.Keys];
        var keys = map?.Keys.ToList() ?? (node is List<object?> list ? [.. Enumerable.Range(0, list.Count).Select(index => $"{index}")] : []);
        if (node is null or not (Dictionary<string, object?> or List<object?>))
            return [];

        var part = path[at];
        var isLast = at == path.Count - 1;
        if (part == "**")
        {
            var below = keys.SelectMany(key => Places(Member(node, key), path, at, parameters));

            return (isLast ? keys.Select(key => (node, key)) : Places(node, path, at + 1, parameters)).Concat(below);
        }

        if (part != "*")
            keys = keys.Contains(part) || (isLast && map?.ContainsKey("type") == true && parameters.Contains(part)) ? [part] : [];

        return isLast ? keys.Select(key => (node, key)) : keys.SelectMany(key => Places(Member(node, key), path, at + 1, parameters));
    }

    private static object? Member(object owner, string key) => owner is List<object?> list ? list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] : ((Dictionary<string, object?>)owner).GetValueOrDefault(key);

    private static void Put(object owner, string key, object? node)
    {
        if (owner is List<object?> list)
            list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] = node;
        else
            ((Dictionary<string, object?>)owner)[key] = node;
    }

    private static void Make(Dictionary<string, object?> map, IReadOnlyList<string> path, object? node)
    {
        foreach (var part in path.SkipLast(1))
        {
            if (map.GetValueOrDefault(part) is not Dictionary<string, object?> inner)
                map[part] = inner = new Dictionary<string, object?>(StringComparer.Ordinal);
            map = inner;
        }

        map[path[^1]] = node;
    }
}
