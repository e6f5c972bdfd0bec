using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Entries for the lists of a configuration that say which streams there are: two in each, different in all that a stream takes from them.</summary>
internal static class ExampleStreamLists
{
    private const int Entries = 2;

    /// <param name="schema">The specification of the configuration.</param>
    /// <param name="make">Makes a value by its specification.</param>
    public static void Add(ValueMap config, ManifestDocument document, Dictionary<string, object?> schema, Func<string, Dictionary<string, object?>, Value> make)
    {
        var resolvers = FakeDynamicStream.Declared(document).Select(dynamic => dynamic.Child("components_resolver")).OfType<Component>().Where(resolver => resolver.Type == "ConfigComponentsResolver");
        foreach (var resolver in resolvers)
        {
            var chains = FakeMapping.Of(resolver).SelectMany(mapping => mapping.Asks).ToList();
            var lists = resolver.Children("stream_config");
            for (var at = 0; at < lists.Count; at++)
            {
                string[] path = [.. lists[at].Texts("configs_pointer").Select(part => lists[at].Template(part).EvaluateText(new ExpressionContext(TimeProvider.System)) ?? "")];
                var described = Items(schema, path);
                var number = at;
                var isPlain = chains.Any(chain => chain[0] == $"source_config_{number}");

                // Of several lists each gives what its specification knows; what nobody knows, the first does.
                var own = chains.Where(chain => !chain[0].StartsWith("source_config_", StringComparison.Ordinal) && (lists.Count == 1 || Described(described, chain) is not null
                    || (number == 0 && lists.Skip(1).All((list) => Described(Items(schema, [.. list.Texts("configs_pointer")]), chain) is null)))).ToList();
                ValuePaths.Set(config, path, Value.Of(Enumerable.Range(1, Entries).Select(entry => isPlain ? Value.Of($"{path[^1]}-{entry}") : Entry(described, own, make, entry))));
            }
        }
    }

    private static Value Entry(Dictionary<string, object?>? described, IEnumerable<IReadOnlyList<string>> chains, Func<string, Dictionary<string, object?>, Value> make, int entry)
    {
        var map = described is not null && make("entry", described) is { Kind: ValueKind.Map } made ? made.Map.Copy() : new ValueMap();
        foreach (var chain in chains)
        {
            var member = Described(described, chain);
            ValuePaths.Set(map, chain, member switch
            {
                _ when member?.GetValueOrDefault("enum") is List<object?> { Count: > 0 } options => Component.ToValue(options[entry % options.Count]),
                _ when member?.GetValueOrDefault("type") is "integer" or "number" => Value.Of(entry + 1),
                _ when member?.GetValueOrDefault("type") is "boolean" => Value.Of(entry % 2 == 0),
                _ when member?.GetValueOrDefault("type") is "array" => Value.Of([Value.Of($"{chain[^1]}-{entry}")]),
                _ => Value.Of($"{chain[^1]}-{entry}"),
            });
        }

        return Value.Of(map);
    }

    private static Dictionary<string, object?>? Items(Dictionary<string, object?> schema, IReadOnlyList<string> path) =>
        Described(schema, path)?.GetValueOrDefault("items") as Dictionary<string, object?>;

    private static Dictionary<string, object?>? Described(Dictionary<string, object?>? schema, IReadOnlyList<string> path) => path.Aggregate(
        schema, (node, part) => (node?.GetValueOrDefault("properties") as Dictionary<string, object?>)?.GetValueOrDefault(part) as Dictionary<string, object?>);
}
