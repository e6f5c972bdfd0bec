using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ListBackup.Testing.Manifests;

/// <summary>
/// A manifest as the fake server reads it: plain dictionaries, lists, texts, numbers. It shares nothing with the engine's own loading, so that a mistake
/// there does not hide itself here.
/// </summary>
internal sealed class ManifestDocument
{
    private readonly Dictionary<YamlNode, object?> _converted = new(ReferenceEqualityComparer.Instance);

    private ManifestDocument(YamlNode root) => Root = (Dictionary<string, object?>)Convert(root)!;

    public Dictionary<string, object?> Root { get; }

    /// <summary>Every text of the manifest that holds an expression, each once.</summary>
    public IReadOnlyCollection<string> Texts => field ??= [.. _converted.Values.OfType<string>().Where(text => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];

    /// <summary>What the manifest's expressions ask of partitions.</summary>
    public IReadOnlyList<IReadOnlyList<string>> PartitionChains => field ??= [.. Texts.SelectMany(text => Chains.Of(text, "stream_partition", "stream_slice")).DistinctBy(chain => string.Join('\0', chain))];

    /// <summary>The texts that stand under one of these keys, wherever.</summary>
    public IEnumerable<string> TextsAt(params string[] keys) => _converted.Values.OfType<Dictionary<string, object?>>()
        .SelectMany(map => keys.Select(key => map.GetValueOrDefault(key))).OfType<string>().Select(text => text.Trim()).Distinct(StringComparer.Ordinal);

    public static ManifestDocument Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));

        return new ManifestDocument(stream.Documents[0].RootNode);
    }

    /// <summary>Follows references until the node is what it stands for; a map's own members win over those it refers to.</summary>
    public object? Resolve(object? node)
    {
        for (var hops = 0; hops < 100; hops++)
        {
            if (node is string text && text.StartsWith("#/", StringComparison.Ordinal))
            {
                node = Find(text[2..].Split('/'));
            }
            else if (node is Dictionary<string, object?> map && map.TryGetValue("$ref", out var reference))
            {
                var target = reference is string path ? Find(path[2..].Split('/')) : reference;
                if (Resolve(target) is not Dictionary<string, object?> resolved)
                    return Resolve(target);
                var merged = new Dictionary<string, object?>(resolved, StringComparer.Ordinal);
                foreach (var (key, value) in map.Where(member => member.Key != "$ref"))
                    merged[key] = value;
                node = merged;
            }
            else
            {
                return node;
            }
        }

        throw new InvalidOperationException("References lead in a circle.");
    }

    private object? Find(string[] parts)
    {
        object? node = Root;
        for (var at = 0; at < parts.Length; at++)
        {
            node = Resolve(node);
            if (node is List<object?> list)
            {
                node = list[int.Parse(parts[at], CultureInfo.InvariantCulture)];
                continue;
            }

            // A key may hold slashes itself.
            var map = (Dictionary<string, object?>)node!;
            var end = Enumerable.Range(at + 1, parts.Length - at).First(until => map.ContainsKey(string.Join('/', parts[at..until])));
            node = map[string.Join('/', parts[at..end])];
            at = end - 1;
        }

        return node;
    }

    private object? Convert(YamlNode node)
    {
        if (_converted.TryGetValue(node, out var known))
            return known;

        object? value = node switch
        {
            YamlMappingNode map => Map(map),
            YamlSequenceNode list => list.Children.Select(Convert).ToList(),
            YamlScalarNode scalar => Scalar(scalar),
            _ => null,
        };
        _converted[node] = value;

        return value;
    }

    private Dictionary<string, object?> Map(YamlMappingNode node)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Children)
        {
            if (key is YamlScalarNode { Value: "<<" })
            {
                foreach (var source in Convert(value) is List<object?> several ? several : [Convert(value)])
                {
                    foreach (var (name, merged) in (Dictionary<string, object?>)source!)
                        map.TryAdd(name, merged);
                }
            }
            else
            {
                map[((YamlScalarNode)key).Value ?? ""] = Convert(value);
            }
        }

        return map;
    }

    private static object? Scalar(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        if (node.Style != ScalarStyle.Plain)
            return text;

        return text.ToLowerInvariant() switch
        {
            "" or "~" or "null" => null,
            "true" or "yes" or "on" => true,
            "false" or "no" or "off" => false,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when text[0] is >= '0' and <= '9' or '-' or '.' && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => text,
        };
    }
}
