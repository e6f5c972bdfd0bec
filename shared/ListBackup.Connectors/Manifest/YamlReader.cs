using ListBackup.Connectors.Expressions;
using YamlDotNet.Core;
using Tokens = YamlDotNet.Core.Tokens;
using Value = ListBackup.Connectors.Expressions.Value;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// Grammar over the tokens of the library's scanner. The library's own parser would do too, but for the regular expression that it compiles as soon
/// as it is touched: that takes longer than to read a large manifest, and a command line pays it at each start.
/// </summary>
internal sealed class YamlReader(string yaml)
{
    private const int DepthMax = 100;

    /// <summary>Aliases nest values deeper than the text is nested; whoever walks the values walks them all.</summary>
    private const int HeightMax = 400;

    /// <summary>The largest manifest that we know has some 40,000.</summary>
    private const int NodesMax = 300_000;

    private readonly Scanner _scanner = new(new StringReader(yaml), skipComments: true);
    private readonly Dictionary<string, (Value Value, int Height)> _anchors = new(StringComparer.Ordinal);
    private int _depth;

    /// <summary>Levels of the value that was read last.</summary>
    private int _height;
    private long _nodes;

    public Value Document()
    {
        while (Next() is Tokens.StreamStart or Tokens.DocumentEnd)
        {
        }

        if (Current is Tokens.StreamEnd)
            throw new ManifestException("", "", "The file is empty.");
        var directives = false;
        for (; Current is Tokens.VersionDirective or Tokens.TagDirective; Next())
            directives = true;
        if (Current is Tokens.DocumentStart)
            Next();
        else if (directives)
            throw Broken();

        var document = Place(IsAtEnd);

        return IsAtEnd ? document : throw Broken();
    }

    /// <summary>Further documents of the text are not read.</summary>
    private bool IsAtEnd => Current is Tokens.DocumentStart or Tokens.DocumentEnd or Tokens.StreamEnd or Tokens.VersionDirective or Tokens.TagDirective;

    private Tokens.Token? Current => _scanner.Current;

    private long? Line => Current?.Start.Line;

    private Tokens.Token? Next() => _scanner.MoveNext() ? _scanner.Current : throw Broken();

    /// <summary>The node in a place for one.</summary>
    /// <param name="empty">There is none: the place stands for null.</param>
    /// <param name="indentless">The node is a member of a block map, whose entries may stand as far left as its key.</param>
    private Value Place(bool empty, bool block = true, bool indentless = false)
    {
        Count(1);
        _height = 0;
        if (empty)
            return Value.None;
        if (++_depth > DepthMax)
            throw new ManifestException($"line {Line}", "", $"The file is nested deeper than {DepthMax} levels.");
        var value = Node(block, indentless);
        _depth--;

        return value;
    }

    private Value Node(bool block, bool indentless)
    {
        if (Current is Tokens.AnchorAlias alias)
        {
            // An anchor is known once its node is complete, so a cycle is an unknown anchor.
            (var value, _height) = _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw new ManifestException($"line {alias.Start.Line}", "", $"The alias *{alias.Value.Value} names nothing before it.");
            Next();

            return value;
        }

        var (anchor, tag) = Properties();
        var content = Current switch
        {
            Tokens.Scalar scalar => Text(scalar, tag),
            Tokens.FlowSequenceStart => FlowList(),
            Tokens.FlowMappingStart => FlowMap(),
            Tokens.BlockSequenceStart when block => BlockList(),
            Tokens.BlockMappingStart when block => BlockMap(),
            Tokens.BlockEntry when indentless => IndentlessList(),
            _ when anchor is not null || tag is not null => ManifestYaml.Scalar("", ScalarStyle.Plain, tag),
            _ => throw Broken(),
        };
        if (anchor is not null)
            _anchors[anchor.Value.Value] = (content, _height);

        return content;
    }

    /// <summary>Anchor and tag, which stand in any order.</summary>
    private (Tokens.Anchor? Anchor, Tokens.Tag? Tag) Properties()
    {
        var (anchor, tag) = (default(Tokens.Anchor), default(Tokens.Tag));
        while (true)
        {
            if (anchor is null && Current is Tokens.Anchor nextAnchor)
                anchor = nextAnchor;
            else if (tag is null && Current is Tokens.Tag nextTag)
                tag = nextTag;
            else
                return (anchor, tag);
            Next();
        }
    }

    private Value Text(Tokens.Scalar scalar, Tokens.Tag? tag)
    {
        Next();

        return ManifestYaml.Scalar(scalar.Value, scalar.Style, tag);
    }

    private Value BlockList()
    {
        Next();
        var (list, height) = (new ValueList(), 0);
        while (Current is Tokens.BlockEntry)
        {
            Next();
            height = Add(list, Place(Current is Tokens.BlockEntry or Tokens.BlockEnd), height);
        }

        End(Current is Tokens.BlockEnd);

        return Rise(height, Value.Of(list));
    }

    private Value IndentlessList()
    {
        var (list, height) = (new ValueList(), 0);
        while (Current is Tokens.BlockEntry)
        {
            Next();
            height = Add(list, Place(Current is Tokens.BlockEntry or Tokens.Key or Tokens.Value or Tokens.BlockEnd), height);
        }

        return Rise(height, Value.Of(list));
    }

    private Value FlowList()
    {
        var (list, height) = (new ValueList(), 0);
        for (var first = true; FlowItem(first) is not Tokens.FlowSequenceEnd; first = false)
            height = Add(list, Current is Tokens.Key ? Pair() : Place(empty: false, block: false), height);
        Next();

        return Rise(height, Value.Of(list));
    }

    /// <summary><c>[a: b]</c> is a list of a map.</summary>
    private Value Pair()
    {
        Count(1);
        var map = new YamlMap();
        Next();
        var key = Key(Place(Current is Tokens.Value or Tokens.FlowEntry or Tokens.FlowSequenceEnd, block: false));
        Add(map, key, Place(!TakeValue() || Current is Tokens.FlowEntry or Tokens.FlowSequenceEnd, block: false));

        return Rise(map.Height, Value.Of(map.Finished()));
    }

    private Value BlockMap()
    {
        Next();
        var map = new YamlMap();
        while (Current is Tokens.Key)
        {
            Next();
            var key = Key(Place(Current is Tokens.Key or Tokens.Value or Tokens.BlockEnd, indentless: true));
            Add(map, key, Place(!TakeValue() || Current is Tokens.Key or Tokens.Value or Tokens.BlockEnd, indentless: true));
        }

        End(Current is Tokens.BlockEnd);

        return Rise(map.Height, Value.Of(map.Finished()));
    }

    private Value FlowMap()
    {
        var map = new YamlMap();
        for (var first = true; FlowItem(first) is not Tokens.FlowMappingEnd; first = false)
        {
            var isTold = Current is Tokens.Key;
            if (isTold)
                Next();
            var key = Key(Place(isTold && Current is (Tokens.Value or Tokens.FlowEntry or Tokens.FlowMappingEnd), block: false));
            Add(map, key, Place(!TakeValue() || Current is Tokens.FlowEntry or Tokens.FlowMappingEnd, block: false));
        }

        Next();

        return Rise(map.Height, Value.Of(map.Finished()));
    }

    /// <summary>Goes on to the next item of <c>[…]</c> or <c>{…}</c>, over the opening bracket or the comma before it. A comma may stand last.</summary>
    private Tokens.Token? FlowItem(bool first)
    {
        if (first || Current is Tokens.FlowEntry)
            return Next();

        return Current is Tokens.FlowSequenceEnd or Tokens.FlowMappingEnd ? Current : throw Broken();
    }

    private bool TakeValue()
    {
        if (Current is not Tokens.Value)
            return false;
        Next();

        return true;
    }

    private void End(bool here)
    {
        if (!here)
            throw Broken();
        Next();
    }

    private int Add(ValueList list, Value item, int height)
    {
        list.Add(item);

        return Math.Max(height, _height);
    }

    private string Key(Value key) => key.Kind is ValueKind.List or ValueKind.Map
        ? throw new ManifestException($"line {Line}", "", "A key must be a text.")
        : PythonText.Str(key);

    private void Add(YamlMap map, string key, Value value)
    {
        // What is merged is copied member by member, so it counts like what is written.
        Count(map.Add(key, value));
        map.Height = Math.Max(map.Height, _height);
    }

    private Value Rise(int height, Value value)
    {
        _height = height + 1;
        if (_height > HeightMax)
            throw new ManifestException($"line {Line}", "", $"Aliases nest the file deeper than {HeightMax} levels.");

        return value;
    }

    private void Count(long nodes)
    {
        if ((_nodes += nodes) > NodesMax)
            throw new ManifestException("", "", $"The file has more than {NodesMax:N0} nodes.");
    }

    private ManifestException Broken() => new(Line is { } line ? $"line {line}" : "", "", "The text is not valid YAML.");
}
