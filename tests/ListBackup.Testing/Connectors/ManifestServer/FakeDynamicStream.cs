using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A stream template of a manifest and all that it is filled with: by the platform's own list, the configuration or the manifest.</summary>
internal sealed class FakeDynamicStream
{
    private readonly Component _dynamic;
    private readonly Component _resolver;
    private readonly IReadOnlyList<FakeMapping> _mappings;
    private readonly ExpressionContext _session;

    private FakeDynamicStream(Component dynamic, string name, ExpressionContext session, Func<Component, IReadOnlyList<ExampleMember>, FakeWorld> list)
    {
        _dynamic = dynamic;
        _resolver = dynamic.Child("components_resolver") ?? throw new CannotServeException("component", "A dynamic stream has no resolver.");
        _mappings = FakeMapping.Of(_resolver);
        _session = session;
        Name = name;
        if (_resolver.Type == "HttpComponentsResolver")
            Listing = list(_resolver.With("name", name), [.. Asked(dynamic.Tree("stream_template"))]);
        Streams = [.. Values().Select(entry => Filled(entry.Values, entry.Slice))];
    }

    public string Name { get; }

    /// <summary>The platform's list of streams; null: the platform is not asked.</summary>
    public FakeWorld? Listing { get; }

    /// <summary>Its streams, in the order in which they are told.</summary>
    public IReadOnlyList<Component> Streams { get; }

    /// <summary>The dynamic streams of a manifest as it stands.</summary>
    public static IReadOnlyList<Component> Declared(ManifestDocument document) =>
        [.. (document.Resolve(document.Root.GetValueOrDefault("dynamic_streams")) as List<object?> ?? []).Select(document.Resolve).OfType<Dictionary<string, object?>>().Select(map => new Component(document, map))];

    /// <summary>Those of a configuration.</summary>
    /// <param name="held">What the platform's lists hold, by the words in which it is asked for.</param>
    public static IReadOnlyList<FakeDynamicStream> All(ManifestDocument document, string? folder, ExpressionContext session, DateTimeOffset now, Dictionary<string, List<HeldRecord>> held) =>
    [
        .. Declared(document).Select((dynamic, at) => new FakeDynamicStream(
            dynamic, dynamic.Text("name") is { Length: > 0 } name ? name : $"dynamic_stream_{at}", session,
            (stream, asked) => new FakeWorld(document, folder, stream, session, now, isBrief: true, listing: new FakeListing(asked, held)))),
    ];

    /// <summary>A number that one mapping wants is a number for the others, too.</summary>
    private IEnumerable<ExampleMember> Asked(object? template) => _mappings.SelectMany(mapping => mapping.Members(template))
        .GroupBy(member => string.Join('\0', member.Path), StringComparer.Ordinal).Select(group => group.MaxBy(member => member.Kind)!);

    private IEnumerable<(Value Values, ValueMap Slice)> Values() => _resolver.Type switch
    {
        "HttpComponentsResolver" => Listed(Listing!.Table),
        "ConfigComponentsResolver" => Configured().Select(values => (values, new ValueMap())),
        "ParametrizedComponentsResolver" => (_resolver.Child("stream_parameters")?.Tree("list_of_parameters_for_stream") as List<object?> ?? []).Select(entry => (Component.ToValue(entry), new ValueMap())),
        _ => throw new CannotServeException("component", _resolver.Type),
    };

    private static IEnumerable<(Value Values, ValueMap Slice)> Listed(FakeTable table) =>
        from partition in table.Partitions
        where !table.IsShadowed(partition)
        from record in partition.Records
        where table.Pipeline.Keeps(record, partition.Fields)
        select (table.Pipeline.Transformed(record, partition.Fields), partition.Extra is null ? partition.Fields : partition.Fields.Copy().Set("extra_fields", Value.Of(partition.Extra)));

    /// <summary>Every combination of the lists' entries. Maps are merged; what is none goes by its list's number, with its own place.</summary>
    private IEnumerable<Value> Configured()
    {
        IEnumerable<ValueMap> combinations = [new ValueMap()];
        var lists = _resolver.Children("stream_config");
        for (var at = 0; at < lists.Count; at++)
        {
            var number = at;
            var entries = Entries(lists[at]);
            combinations = [.. combinations.SelectMany(_ => entries.Select((entry, place) => (entry, place)), (first, second) => Joined(first, number, second.entry, second.place))];
        }

        return combinations.Select(Value.Of);
    }

    private static ValueMap Joined(ValueMap first, int list, Value entry, int place) => entry.Kind == ValueKind.Map
        ? entry.Map.Aggregate(first.Copy(), (joined, member) => joined.Set(member.Key, member.Value))
        : first.Copy().Set($"source_config_{list}", Value.Of([Value.Of(place), entry]));

    private List<Value> Entries(Component list)
    {
        var found = ValuePaths.Get(_session[Variable.Config], [.. list.Texts("configs_pointer").Select(part => list.Template(part).EvaluateText(_session) ?? "")]);
        var standard = list.Plain("default_values") as List<object?> ?? [];

        return [.. found.Kind == ValueKind.List ? found.List : found.IsNothing ? [] : (IEnumerable<Value>)[found], .. standard.Select(Component.ToValue)];
    }

    private Component Filled(Value values, ValueMap slice)
    {
        var template = (Dictionary<string, object?>)_dynamic.Tree("stream_template")!;
        var context = _session.With(Variable.ComponentsValues, values).Set(Variable.StreamSlice, Value.Of(slice)).Set(Variable.StreamTemplateConfig, Component.ToValue(template));
        foreach (var mapping in _mappings)
            mapping.Apply(template, context, readsYaml: Listing is null);

        return _dynamic.Inner(template, outerWins: _dynamic["use_parent_parameters"] is not false);
    }
}
