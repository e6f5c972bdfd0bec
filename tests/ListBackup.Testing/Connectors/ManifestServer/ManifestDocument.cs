using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ListBackup.Testing.Manifests;

/// <summary>
/// A manifest as the fake server reads it: plain dictionaries, lists, texts, numbers. It shares nothing with the engine's own loading, so that a mistake
/// there does not hide itself here.
/// </summary>
internal sealed class ManifestDocument
{
    private readonly Dictionary<string, object?> _anchors = new(StringComparer.Ordinal);
    private readonly List<object> _nodes = [];

    private ManifestDocument(IParser parser)
    {
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        Content = Node(parser);
    }

    public Dictionary<string, object?> Root => (Dictionary<string, object?>)Content!;

    private object? Content { get; }

    /// <summary>Every text of the manifest that holds an expression, each once.</summary>
    public IReadOnlyCollection<string> Texts => field ??= [.. _nodes.OfType<string>().Where(text => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];

    /// <summary>What the manifest's expressions ask of partitions.</summary>
    public IReadOnlyList<IReadOnlyList<string>> PartitionChains => field ??= [.. Texts.SelectMany(text => Chains.Of(text, "stream_partition", "stream_slice")).DistinctBy(chain => string.Join('\0', chain))];

    /// <summary>The texts that stand under one of these keys, wherever.</summary>
    public IEnumerable<string> TextsAt(params string[] keys) => _nodes.OfType<Dictionary<string, object?>>()
        .SelectMany(map => keys.Select(key => map.GetValueOrDefault(key))).OfType<string>().Select(text => text.Trim()).Distinct(StringComparer.Ordinal);

    public static ManifestDocument Parse(string yaml) => new(new Parser(new StringReader(yaml)));

    /// <summary>What a text reads as that is YAML; one that is none stays as it is.</summary>
    public static object? Read(string text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? text : Parse(text).Content;
        }
        catch (YamlException)
        {
            return text;
        }
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

    private object? Node(IParser parser)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
            return _anchors[alias.Value.Value];

        var anchor = ((NodeEvent)parser.Current!).Anchor;
        object? value = parser.TryConsume<Scalar>(out var scalar) ? Typed(scalar) : parser.TryConsume<SequenceStart>(out _) ? List(parser) : Map(parser);
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = value;
        if (value is string or Dictionary<string, object?>)
            _nodes.Add(value);

        return value;
    }

    private List<object?> List(IParser parser)
    {
        var list = new List<object?>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            list.Add(Node(parser));

        return list;
    }

    private Dictionary<string, object?> Map(IParser parser)
    {
        parser.Consume<MappingStart>();
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        var merged = new List<Dictionary<string, object?>>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>().Value;
            var value = Node(parser);
            if (key != "<<")
                map[key] = value;
            else
                merged.AddRange(value is List<object?> several ? several.Cast<Dictionary<string, object?>>() : [(Dictionary<string, object?>)value!]);
        }

        foreach (var (name, value) in merged.SelectMany(members => members))
            map.TryAdd(name, value);

        return map;
    }

    private static object? Typed(Scalar node)
    {
        var text = node.Value;
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
