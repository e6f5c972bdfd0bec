using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ListBackup.Catalogue.Tests;

/// <summary>YAML as an editor sees it: plain scalars are what they look like, anchors and merges are followed.</summary>
internal static class YamlJson
{
    public static JsonElement Parse(string yaml)
    {
        var parser = new MergingParser(new Parser(new StringReader(yaml)));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        var anchors = new Dictionary<AnchorName, JsonNode?>();

        return JsonSerializer.SerializeToElement(Node(parser, anchors));
    }

    private static JsonNode? Node(IParser parser, Dictionary<AnchorName, JsonNode?> anchors)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias)) return anchors[alias.Value]?.DeepClone();
        if (parser.TryConsume<Scalar>(out var scalar)) return Kept(scalar.Anchor, Value(scalar), anchors);
        if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(Node(parser, anchors));

            return Kept(sequence.Anchor, list, anchors);
        }

        var map = new JsonObject();
        var start = parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>().Value;
            map[key] = Node(parser, anchors);
        }

        return Kept(start.Anchor, map, anchors);
    }

    private static JsonNode? Kept(AnchorName anchor, JsonNode? node, Dictionary<AnchorName, JsonNode?> anchors)
    {
        if (!anchor.IsEmpty) anchors[anchor] = node?.DeepClone();

        return node;
    }

    private static JsonNode? Value(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain) return scalar.Value;

        return scalar.Value switch
        {
            "" or "~" or "null" => null,
            "true" or "false" => scalar.Value == "true",
            _ when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when double.TryParse(scalar.Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
            _ => scalar.Value,
        };
    }
}
