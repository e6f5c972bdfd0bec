using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// Reads the options of one component. Options that nobody asked for are unknown, which <see cref="Done{T}"/> reports; so an option that is accepted is
/// one that a component has read. Parameters (<c>$parameters</c>) flow down and fill options that the component does not set itself.
/// </summary>
internal sealed class ComponentReader
{
    /// <summary>The reason of a problem that a value would mend.</summary>
    public const string Required = "This option is required.";

    private static readonly HashSet<string> Ignorable = new(StringComparer.Ordinal) { "type", "$parameters", "description", "name" };

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public ComponentReader(ValueMap map, string path, string type, Value inherited, ParseContext context)
    {
        Map = map;
        Path = path;
        Type = type;
        Context = context;
        Parameters = Merge(inherited, map["$parameters"], path, context);
        context.Count(type, path);
    }

    public ValueMap Map { get; }

    public string Path { get; }

    public string Type { get; }

    public ParseContext Context { get; }

    /// <summary>The parameters in force here; a map, or undefined when there are none.</summary>
    public Value Parameters { get; }

    /// <summary>The option's value: the component's own, or the parameter of the same name; undefined when there is neither.</summary>
    public Value Raw(string key)
    {
        _read.Add(key);
        var own = Map[key];
        if (own.IsTrue || Parameters.Kind != ValueKind.Map)
            return own;

        return Parameters.Map.TryGet(key, out var parameter) ? parameter : own;
    }

    public bool Has(string key) => !Raw(key).IsNothing;

    public string? TextOrNull(string key) => Raw(key) switch
    {
        { IsNothing: true } => null,
        { Kind: ValueKind.List or ValueKind.Map } => throw Problem(key, "A text is wanted."),
        var value => Spelled(value),
    };

    public string Text(string key) => TextOrNull(key) ?? throw Missing(key);

    public string Choice(string key, string fallback, params string[] choices)
    {
        var text = TextOrNull(key) ?? fallback;

        return choices.Contains(text) ? text : throw Problem(key, $"'{text}' is not one of {string.Join(", ", choices)}.");
    }

    public bool Flag(string key, bool fallback = false) => Raw(key) switch
    {
        { IsNothing: true } => fallback,
        { Kind: ValueKind.Boolean } value => value.Boolean,
        { IsText: true, Text: "true" or "True" } => true,
        { IsText: true, Text: "false" or "False" } => false,
        _ => throw Problem(key, "true or false is wanted."),
    };

    public int? IntegerOrNull(string key) => Raw(key) switch
    {
        { IsNothing: true } => null,
        { IsSmallInteger: true, Long: >= int.MinValue and <= int.MaxValue } value => (int)value.Long,
        { IsText: true } value when int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Problem(key, "An integer is wanted."),
    };

    public double? NumberOrNull(string key) => Raw(key) switch
    {
        { IsNothing: true } => null,
        { IsNumber: true } value => value.Double,
        _ => throw Problem(key, "A number is wanted."),
    };

    public Template? TemplateOrNull(string key) => Raw(key) switch
    {
        { IsNothing: true } => null,
        { Kind: ValueKind.List or ValueKind.Map } => throw Problem(key, "A text is wanted."),
        var value => Parse(key, Spelled(value)),
    };

    /// <summary>A condition; null when it is absent or empty, which both mean always.</summary>
    public Template? ConditionOrNull(string key) => Raw(key) is { IsText: true, Text.Length: 0 } ? null : TemplateOrNull(key);

    public Template Template(string key) => TemplateOrNull(key) ?? throw Missing(key);

    public IReadOnlyList<Template> Templates(string key) => Raw(key) switch
    {
        { IsNothing: true } => [],
        { Kind: ValueKind.List } list => list.List.Map((item, at) => Parse($"{key}[{at}]", Spelled(item))),
        var one => [Parse(key, Spelled(one))],
    };

    public IReadOnlyList<string> Texts(string key) => Raw(key) switch
    {
        { IsNothing: true } => [],
        { Kind: ValueKind.List } list => list.List.Map((item, _) => Spelled(item)),
        var one => [Spelled(one)],
    };

    public IReadOnlySet<int> Integers(string key) => Texts(key).Select(text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Problem(key, $"'{text}' is not an integer.")).ToHashSet();

    /// <summary>A regular expression, proved to be one.</summary>
    public string? PatternOrNull(string key)
    {
        var pattern = TextOrNull(key);
        try
        {
            if (pattern is not null)
                Patterns.Get(pattern);

            return pattern;
        }
        catch (ExpressionException exception)
        {
            throw Problem(key, exception.Message);
        }
    }

    /// <summary>A tree of texts, each of which may be a template; null when absent.</summary>
    public TemplateTree? Tree(string key) => Raw(key) is { IsNothing: false } value ? TemplateTree.Parse(value, At(key), this) : null;

    public TemplateTree ParseTree(Value value, string path) => TemplateTree.Parse(value, path, this);

    /// <summary>A component, or null when the option is absent.</summary>
    public T? ComponentOrNull<T>(string key, string defaultType, Func<ComponentReader, T> parse)
        where T : class => Raw(key) is { IsNothing: false } value ? parse(Reader(value, key, At(key), defaultType)) : null;

    public T Component<T>(string key, string defaultType, Func<ComponentReader, T> parse)
        where T : class => ComponentOrNull(key, defaultType, parse) ?? throw Missing(key);

    public IReadOnlyList<T> Components<T>(string key, string defaultType, Func<ComponentReader, T> parse) => Raw(key) switch
    {
        { IsNothing: true } => [],
        { Kind: ValueKind.List } list => list.List.Map((item, at) => parse(Reader(item, key, $"{At(key)}[{at}]", defaultType))),
        var one => [parse(Reader(one, key, At(key), defaultType))],
    };

    public IReadOnlyDictionary<string, T> ComponentMap<T>(string key, string defaultType, Func<ComponentReader, T> parse)
    {
        var value = Raw(key);
        if (value.Kind != ValueKind.Map)
            throw Missing(key);

        return value.Map.ToDictionary(member => member.Key, member => parse(Reader(member.Value, key, $"{At(key)}.{member.Key}", defaultType)), StringComparer.Ordinal);
    }

    public Template Parse(string key, string text)
    {
        try
        {
            return Context.Template(text, Parameters);
        }
        catch (ExpressionException exception)
        {
            throw Problem(key, exception.Message);
        }
    }

    /// <summary>Marks options as known that have no effect on reading.</summary>
    public ComponentReader Ignore(params string[] keys)
    {
        foreach (var key in keys)
            _read.Add(key);

        return this;
    }

    /// <summary>Where an option stands in the manifest.</summary>
    public string At(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>A reader of a part of this component that is read by itself, so that what breaks in one does not hide the others.</summary>
    public ComponentReader Part(Value value, string path, string key, string defaultType) => Reader(value, key, path, defaultType);

    /// <summary>Ends the component: whatever it did not read is reported.</summary>
    public T Done<T>(T component)
    {
        foreach (var key in Map.Keys)
        {
            if (!_read.Contains(key) && !Ignorable.Contains(key))
                Context.Unknown(At(key), Type, key, [.. _read.Where(known => !Has(known))]);
        }

        return component;
    }

    public ManifestException Missing(string key) => new(At(key), Type, Required);

    public ManifestException Problem(string key, string reason) => new(At(key), Type, reason);

    /// <summary>The component has a type that stands nowhere in this place.</summary>
    public ManifestException WrongType(params string[] known) => Type switch
    {
        _ when Type.StartsWith("Custom", StringComparison.Ordinal) => new ManifestException(
            Path, Type, $"It asks for code ({TextOrNull("class_name") ?? "class_name is missing"}); a connector is data and brings none.", ManifestProblemKind.NeedsCode),
        _ when known.Contains(Type) => new ManifestException(Path, Type, "This component is not supported yet.", ManifestProblemKind.NotSupportedYet),
        _ => new ManifestException(Path, Type, $"The type '{Type}' is not known here."),
    };

    private ComponentReader Reader(Value value, string key, string path, string defaultType)
    {
        if (value.Kind != ValueKind.Map)
            throw new ManifestException(path, defaultType, "A component is wanted.");
        var type = value.Map["type"];

        // What names a class asks for code, whether or not it says that it is of a custom type.
        var fallback = value.Map.Has("class_name") ? "CustomComponent" : defaultType;

        return new ComponentReader(value.Map, path, type.IsText ? type.Text : fallback, Without(Parameters, key), Context);
    }

    /// <summary>A parameter that has the name of the option which is being read would refill it for ever, so it is left out below.</summary>
    private Value Without(Value parameters, string key)
    {
        if (parameters.Kind != ValueKind.Map || !parameters.Map.Has(key))
            return parameters;
        Context.Copied(parameters.Map.Count, Path);
        var rest = parameters.Map.Copy();
        rest.Remove(key);

        return Value.Of(rest);
    }

    private static Value Merge(Value inherited, Value own, string path, ParseContext context)
    {
        if (own.Kind != ValueKind.Map)
            return inherited;
        if (inherited.Kind != ValueKind.Map)
            return own;

        // The outer parameter gives way to the inner, but for dynamic streams.
        context.Copied(inherited.Map.Count + own.Map.Count, path);
        var (outer, inner) = context.OuterParametersWin ? (own.Map, inherited.Map) : (inherited.Map, own.Map);
        var merged = outer.Copy();
        foreach (var (key, value) in inner)
            merged.Set(key, value);

        return Value.Of(merged);
    }

    private static string Spelled(Value value) => value.Kind == ValueKind.Boolean ? value.Boolean ? "true" : "false" : PythonText.Str(value);
}
