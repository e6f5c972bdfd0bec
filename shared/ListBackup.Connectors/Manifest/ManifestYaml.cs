using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ListBackup.Connectors.Manifest;

/// <summary>YAML text → values, by the rules of YAML 1.1 that manifests were written for. Bounded in depth and size; aliases share, they never copy.</summary>
internal static partial class ManifestYaml
{
    private const int DepthMax = 100;

    /// <summary>Aliases nest values deeper than the text is nested; whoever walks the values walks them all.</summary>
    private const int HeightMax = 400;

    /// <summary>The largest manifest that we know has some 40,000.</summary>
    private const int NodesMax = 300_000;

    /// <exception cref="ManifestException">The text is no YAML, or more of it than a manifest needs.</exception>
    public static Value Parse(string yaml)
    {
        try
        {
            return new Reader(new YamlDotNet.Core.Parser(new Scanner(new StringReader(yaml), skipComments: true))).Document();
        }
        catch (YamlException exception)
        {
            throw new ManifestException($"line {exception.Start.Line}", "", "The text is not valid YAML.");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The scanner's own way to give up on some broken texts.
            throw new ManifestException("", "", "The text is not valid YAML.");
        }
    }

    private sealed class Reader(IParser parser)
    {
        private readonly Dictionary<string, (Value Value, int Height)> _anchors = new(StringComparer.Ordinal);
        private int _depth;

        /// <summary>Levels of the value that was read last.</summary>
        private int _height;
        private long _nodes;

        public Value Document()
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                throw new ManifestException("", "", "The file is empty.");
            parser.Consume<DocumentStart>();

            return Node();
        }

        private Value Node()
        {
            Count(1);
            if (++_depth > DepthMax)
                throw new ManifestException($"line {parser.Current?.Start.Line}", "", $"The file is nested deeper than {DepthMax} levels.");

            Value value;
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                // An anchor is known once its node is complete, so a cycle is an unknown anchor.
                (value, _height) = _anchors.TryGetValue(alias.Value.Value, out var known)
                    ? known
                    : throw new ManifestException($"line {alias.Start.Line}", "", $"The alias *{alias.Value.Value} names nothing before it.");
            }
            else if (parser.TryConsume<Scalar>(out var scalar))
            {
                _height = 0;
                value = Remember(scalar.Anchor, Typed(scalar));
            }
            else if (parser.TryConsume<SequenceStart>(out var sequence))
            {
                var list = new ValueList();
                var height = 0;
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    list.Add(Node());
                    height = Math.Max(height, _height);
                }

                Rise(height);
                value = Remember(sequence.Anchor, Value.Of(list));
            }
            else
            {
                value = Map(parser.Consume<MappingStart>());
            }

            _depth--;

            return value;
        }

        private Value Map(MappingStart start)
        {
            var map = new ValueMap();
            var merged = new List<ValueMap>();
            var height = 0;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var line = parser.Current?.Start.Line;
                var key = Node();
                if (key.Kind is ValueKind.List or ValueKind.Map)
                    throw new ManifestException($"line {line}", "", "A key must be a text.");
                var name = PythonText.Str(key);
                var value = Node();
                height = Math.Max(height, _height);
                if (name == "<<")
                {
                    foreach (var members in value.Kind == ValueKind.List ? value.List : Enumerable.Repeat(value, 1))
                    {
                        if (members.Kind != ValueKind.Map)
                            continue;

                        // What is merged is copied member by member, so it counts like what is written.
                        Count(members.Map.Count);
                        merged.Add(members.Map);
                    }

                    continue;
                }

                map.Set(name, value);
            }

            foreach (var (name, value) in merged.SelectMany(members => members))
            {
                if (!map.Has(name))
                    map.Set(name, value);
            }

            Rise(height);

            return Remember(start.Anchor, Value.Of(map));
        }

        private void Rise(int height)
        {
            _height = height + 1;
            if (_height > HeightMax)
                throw new ManifestException($"line {parser.Current?.Start.Line}", "", $"Aliases nest the file deeper than {HeightMax} levels.");
        }

        private void Count(long nodes)
        {
            if ((_nodes += nodes) > NodesMax)
                throw new ManifestException("", "", $"The file has more than {NodesMax:N0} nodes.");
        }

        private Value Remember(AnchorName anchor, Value value)
        {
            if (!anchor.IsEmpty)
                _anchors[anchor.Value] = (value, _height);

            return value;
        }
    }

    /// <summary>YAML 1.1: yes and no are booleans, 0o17 and 017 are octal. Dates stay texts, which is all that a manifest does with them.</summary>
    private static Value Typed(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag.ToString().EndsWith(":str", StringComparison.Ordinal))
            return Value.Of(text);

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return Value.None;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return Value.True;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return Value.False;
        }

        // Nearly every text begins like no number.
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
            return Value.Of(text);

        if (IntegerPattern().IsMatch(text) && text.Length < 400)
        {
            var digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+');

            return digits.TrimStart('-') is ['0', _, ..] octal && octal.All(digit => digit is >= '0' and <= '7')
                ? Value.Of(octal.Aggregate(BigInteger.Zero, (number, digit) => (number * 8) + (digit - '0')) * (digits[0] == '-' ? -1 : 1))
                : Value.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
        }

        if (HexPattern().IsMatch(text))
            return Value.Of(BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

        return FloatPattern().IsMatch(text)
            ? Value.Of(double.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), text)
            : Value.Of(text);
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9_]*|0[0-7_]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex("^0x[0-9a-fA-F]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex HexPattern();

    [GeneratedRegex(@"^[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?)$", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();
}
