using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>What the platform holds while one stream is read: the stream's own records in full, and as many of its parents' as name a few partitions.</summary>
internal sealed partial class FakeWorld
{
    /// <summary>Rows of a stream that is only read for its keys.</summary>
    private const int ParentRows = 3;

    /// <summary>Rows with all members; those behind them have a few, which is what makes a test of many pages short.</summary>
    private const int WideRows = 12;

    private readonly ManifestDocument _document;
    private readonly string? _folder;
    private readonly DateTimeOffset _now;
    private readonly bool _isBrief;
    private readonly string? _dynamic;
    private readonly FakeListing? _listing;
    private readonly Dictionary<string, FakeTable> _tables = new(StringComparer.Ordinal);
    private int _number;

    /// <param name="isBrief">Two pages are enough: a stream with the same pages was read before.</param>
    /// <param name="dynamic">The dynamic stream that this is one of.</param>
    /// <param name="listing">What it has in common with the platform's lists of streams; null: nothing.</param>
    public FakeWorld(
        ManifestDocument document, string? folder, Component stream, ExpressionContext session, DateTimeOffset now, bool isBrief = false, string? dynamic = null, FakeListing? listing = null)
    {
        _isBrief = isBrief;
        _dynamic = dynamic;
        _listing = listing;

        // Numbers go on, since streams of different lists may not have one name.
        _number = listing?.Held.Values.Sum(records => records.Count) ?? 0;
        _document = document;
        _folder = folder;
        _now = now;
        Session = session;
        Table = Fill(new FakeStream(stream, session), null);
    }

    public ExpressionContext Session { get; }

    /// <summary>The stream that is read.</summary>
    public FakeTable Table { get; }

    /// <summary>It and everything that is read on the way to it; the stream itself first.</summary>
    public IEnumerable<FakeTable> Tables => _tables.Values.Prepend(Table).Distinct();

    /// <summary>Time goes on: a record changes and two are made. A stream that counts gets the next numbers.</summary>
    public void Change(HeldPartition partition, DateTimeOffset at)
    {
        if (partition.Records.Count > 1)
        {
            var changed = partition.Records[1];
            partition.Records[1] = Make(changed.Number, partition, at);
        }

        partition.Records.Add(Make(_number++, partition, at));
        partition.Records.Add(Make(_number++, partition, at));
    }

    /// <summary>One more record, in its place in the order of time.</summary>
    public HeldRecord Add(HeldPartition partition, DateTimeOffset at)
    {
        var record = Make(_number++, partition, at);
        var place = partition.Records.FindIndex(other => other.Time > at);
        partition.Records.Insert(place < 0 ? partition.Records.Count : place, record);

        return record;
    }

    /// <summary>An index that lags shows a record later than its time tells.</summary>
    public static void Show(HeldPartition partition, HeldRecord record, bool isVisible)
    {
        var at = partition.Records.FindIndex(other => other.Number == record.Number);
        partition.Records[at] = partition.Records[at] with { IsVisible = isVisible };
    }

    private HeldRecord Make(int number, HeldPartition partition, DateTimeOffset at) => Table.Stream.Cursor switch
    {
        { IsCount: true } => Table.Examples.Make(number, null, partition.Records.Max(record => record.Count) + 1 ?? 1),
        not null => Table.Examples.Make(number, at, null),
        null => Table.Examples.Make(number, null, null),
    };

    private FakeTable Fill(FakeStream stream, IReadOnlyList<(IReadOnlyList<string> Key, IReadOnlyList<IReadOnlyList<string>> Inner)>? parentKeys)
    {
        var partitions = Partitions(stream);
        var full = stream.Paging.Size == int.MaxValue ? 5
            : _isBrief ? stream.Paging.Size + 3
            : (2 * stream.Paging.Size) + Math.Clamp(stream.Paging.Size / 3, 1, 30);
        var examples = new ExampleRecords(
            stream, Schema(stream), [.. Unique(stream, parentKeys).Concat(Asked(parentKeys, ExampleKind.Text).Select(member => member.Path))],
            [.. Texts(stream, parentKeys), .. Asked(parentKeys, ExampleKind.Whole), .. Asked(parentKeys, ExampleKind.Flag)],
            isFlat: stream.Decoder is { } decoder && FakeEncoding.IsFlat(decoder));
        var table = new FakeTable(stream, partitions, examples, Session) { Total = Total(stream) };
        for (var at = 0; at < partitions.Count; at++)
        {
            if (_listing is not null && table.Address(at) is { } address && !_listing.Held.TryAdd(address, partitions[at].Records))
            {
                partitions[at].Share(_listing.Held[address]);
                continue;
            }

            // A parent is read again for each child's partition, so it stays small; otherwise the first partitions are large and the third is empty.
            var rows = parentKeys is not null ? (at == 0 ? ParentRows : at < 3 ? 1 : 0) : at == 0 || (at == 1 && full < 150) ? full : at == 2 ? 0 : 1;
            AddRows(partitions[at], stream, examples, rows);
        }

        return table;
    }

    /// <summary>What the manifest says beside the language of the total that pages tell.</summary>
    private FakeTotal? Total(FakeStream stream)
    {
        // What is said of one stream of a dynamic one goes before what is said of all.
        string[] names = _dynamic is null ? [stream.Name] : [$"{_dynamic}/{stream.Name}", _dynamic];
        var total = names.Select(name => Extension("streams", name)).OfType<Dictionary<string, object?>>().Select(extension => _document.Resolve(extension.GetValueOrDefault("total"))).FirstOrDefault();

        return total is Dictionary<string, object?> told && told.GetValueOrDefault("in_page") is List<object?> path
            ? new FakeTotal([.. path.Select(Component.TextOf)], told.GetValueOrDefault("counts") is "rest")
            : null;
    }

    private object? Extension(params IEnumerable<string> path) =>
        path.Prepend("x-listbackup").Aggregate((object?)_document.Root, (node, key) => _document.Resolve((node as Dictionary<string, object?>)?.GetValueOrDefault(key)));

    private void AddRows(HeldPartition partition, FakeStream stream, ExampleRecords examples, int rows)
    {
        var start = stream.Cursor?.Start is { } first && first < _now ? first : _now.AddDays(-60);

        // Not at the very end: some platforms' formats know whole days only, and the reading ends in the middle of today.
        var span = (_now - start) * 0.96;
        for (var at = 0; at < rows; at++)
        {
            // Three rows share each time, so that equal times lie across the borders of pages.
            var time = start + (span * (0.02 + (0.98 * (at / 3 * 3) / Math.Max(1, rows))));
            partition.Records.Add(examples.Make(
                _number++, stream.Cursor is { IsCount: false } ? new DateTimeOffset(time.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero) : null, stream.Cursor is { IsCount: true } ? at + 1 : null,
                isWide: at < WideRows));
        }
    }

    private List<HeldPartition> Partitions(FakeStream stream)
    {
        List<HeldPartition> partitions = [new(new ValueMap(), null)];
        foreach (var router in stream.Routers)
        {
            var own = Route(router).ToList();
            partitions = [.. partitions.SelectMany(_ => own, (first, second) => new HeldPartition(Joined(first.Fields, second.Fields), second.Extra ?? first.Extra))];
        }

        return partitions;
    }

    private IEnumerable<HeldPartition> Route(Component router)
    {
        switch (router.Type)
        {
            case "" or "ListPartitionRouter" when router["values"] is not null:
                var name = router.Template(router.Text("cursor_field") ?? "").EvaluateText(Session) ?? "";
                var values = router["values"] is string template
                    ? router.Template(template).Evaluate(Session) is { Kind: ValueKind.List } list ? list.List : (IEnumerable<Value>)[router.Template(template).Evaluate(Session)]
                    : router.Texts("values").Select(text => Value.Of(router.Template(text).EvaluateText(Session)));

                return values.Where(value => !value.IsNothing).Select(value => new HeldPartition(new ValueMap().Set(name, value), null)).ToList();
            case "SubstreamPartitionRouter":
                return router.Children("parent_stream_configs").SelectMany(Children).ToList();
            case "GroupingPartitionRouter":
                return Grouped(router);
            case "UnionPartitionRouter":
                return United(router);
            default:
                throw new CannotServeException("component", router.Type);
        }
    }

    private List<HeldPartition> Grouped(Component router)
    {
        var inner = Route(router.Child("underlying_partition_router")!);
        if (router["deduplicate"] is not false)
            inner = inner.DistinctBy(partition => PythonText.Repr(Value.Of(partition.Fields)));

        return
        [
            .. inner.Chunk((int)(router.Whole("group_size") ?? 1)).Select(group => new HeldPartition(
                group[0].Fields.Keys.Aggregate(new ValueMap(), (fields, key) => fields.Set(key, Value.Of(group.Select(partition => partition.Fields[key])))), null)),
        ];
    }

    /// <summary>Each value once, the first wins; what else its router says of it is extra.</summary>
    private IEnumerable<HeldPartition> United(Component router)
    {
        var field = router.Template(router.Text("partition_field") ?? "").EvaluateText(Session) ?? "";

        return router.Children("partition_routers").SelectMany(Route)
            .Select(partition => new HeldPartition(
                new ValueMap().Set(field, partition.Fields[field]),
                Joined(partition.Extra ?? new ValueMap(), partition.Fields.Where(member => member.Key != field).Aggregate(new ValueMap(), (rest, member) => rest.Set(member.Key, member.Value)))))
            .DistinctBy(partition => PythonText.Repr(partition.Fields[field]));
    }

    private IEnumerable<HeldPartition> Children(Component parentConfig)
    {
        var component = parentConfig.Child("stream")!;
        var field = parentConfig.Template(parentConfig.Text("partition_field") ?? "").EvaluateText(Session) ?? "";
        IReadOnlyList<string> key = (parentConfig.Template(parentConfig.Text("parent_key") ?? "").EvaluateText(Session) ?? "").Split('/');
        var extras = parentConfig["extra_fields"] is List<object?> list ? list.OfType<List<object?>>().Select(path => (IReadOnlyList<string>)[.. path.Select(Component.TextOf)]).ToList() : [];
        var stream = new FakeStream(component, Session);
        if (stream.Expansion is not null)
            throw new CannotServeException("component", "RecordExpander of a parent");
        var id = $"{stream.Name}/{string.Join('/', key)}";
        if (!_tables.TryGetValue(id, out var table))
            _tables[id] = table = Fill(stream, [(key, Inner(field)), .. extras.Select(path => (path, (IReadOnlyList<IReadOnlyList<string>>)[[]]))]);

        foreach (var partition in table.Partitions.Where(partition => !table.IsShadowed(partition)))
        {
            foreach (var record in partition.Records.Where(record => table.Pipeline.Keeps(record, partition.Fields)))
            {
                var value = table.Pipeline.Transformed(record, partition.Fields);
                var found = ValuePaths.Get(value, key);
                if (found.IsNothing)
                    continue;
                var extra = extras.Count == 0 ? null : extras.Aggregate(new ValueMap(), (fields, path) =>
                {
                    ValuePaths.Set(fields, path, ValuePaths.Get(value, path));
                    return fields;
                });

                yield return new HeldPartition(new ValueMap().Set(field, found).Set("parent_slice", Value.Of(partition.Fields)), extra);
            }
        }
    }

    /// <summary>What expressions ask of a partition's value beyond itself: it must be a map that has it.</summary>
    private List<IReadOnlyList<string>> Inner(string field) =>
    [
        .. _document.PartitionChains.Where(chain => chain.Count > 1 && chain[0] == field && chain[1] is not ("split" or "replace" or "lower")).Select(chain => (IReadOnlyList<string>)[.. chain.Skip(1)]),
    ];

    /// <summary>What a stream is made of has to be in its description, and differ from that of others where it is a text.</summary>
    private IEnumerable<ExampleMember> Asked(object? parentKeys, ExampleKind kind) => parentKeys is null && _listing is not null ? _listing.Asked.Where(member => member.Kind == kind) : [];

    private static IEnumerable<IReadOnlyList<string>> Unique(FakeStream stream, IReadOnlyList<(IReadOnlyList<string> Key, IReadOnlyList<IReadOnlyList<string>> Inner)>? parentKeys) =>
        stream.PrimaryKey
            .Concat((parentKeys ?? []).Where(key => key.Inner.Count == 0).Select(key => key.Key))
            .SelectMany(path => FakePipeline.Sources(stream, path))
            .Where(path => stream.Cursor is null || !path.SequenceEqual([stream.Cursor.Field]))
            .DistinctBy(path => string.Join('\0', path));

    /// <summary>Members that expressions ask for, and for those that are read as times a time of the right form.</summary>
    private static IEnumerable<ExampleMember> Texts(FakeStream stream, IReadOnlyList<(IReadOnlyList<string> Key, IReadOnlyList<IReadOnlyList<string>> Inner)>? parentKeys) =>
        (parentKeys ?? []).SelectMany(key => key.Inner, (key, inner) => new ExampleMember([.. key.Key, .. inner]))
            .Concat(stream.Transformations.Where(transformation => transformation.Type == "AddFields").SelectMany(transformation => transformation.Children("fields"))
                .Select(field => field["value"]).OfType<string>().Append(stream.Condition ?? "")
                .SelectMany(text => Chains.Of(Unguarded().Replace(text, "$1"), "record"), (text, chain) => new ExampleMember(chain, FakeStream.SampleTime(text))))
            .Concat((stream.Paging.Strategy is { } strategy ? Chains.Of(strategy.Text("cursor_value") ?? "", "last_record") : [])
                .Select(chain => new ExampleMember(chain, Kind: FirstItem().Match(stream.Paging.Strategy?.Text("cursor_value") ?? "") is { Success: true } item && item.Groups[1].Value == chain[^1] ? ExampleKind.List : ExampleKind.Text)))
            .Concat(Flags(stream.Condition ?? "").Select(chain => new ExampleMember(chain, Kind: ExampleKind.Flag)));

    /// <summary>Members that a filter wants to be true, or not.</summary>
    private static IEnumerable<IReadOnlyList<string>> Flags(string condition) =>
        FlagComparison().Matches(Unguarded().Replace(condition, "$1")).SelectMany(match => Chains.Of(match.Groups[1].Value, "record"));

    private object? Schema(FakeStream stream)
    {
        // A line of text has no members, whatever the manifest says of them.
        if (FakeEncoding.IsLines(stream.Decoder))
            return new Dictionary<string, object?>(StringComparer.Ordinal) { ["properties"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["record"] = null } };
        var loader = stream.Stream.Children("schema_loader") is [var first, ..] ? first : null;
        if (loader?.Type is "InlineSchemaLoader" || loader?.Map.ContainsKey("schema") == true)
            return loader.Plain("schema");
        if (_folder is not null && loader?.Type is "" or "JsonFileSchemaLoader" or null)
        {
            var path = Path.Combine(_folder ?? "", Regex.Replace(loader?.Text("file_path") ?? $"schemas/{stream.Name}.json", "^\\./(?:source_\\w+/)?", ""));
            if (File.Exists(path))
                return ManifestDocument.Parse(File.ReadAllText(path)).Root;
        }

        return new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["properties"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = null, ["name"] = null, ["amount"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["type"] = "number" } },
        };
    }

    private static ValueMap Joined(ValueMap one, ValueMap other) => other.Aggregate(one.Copy(), (joined, member) => joined.Set(member.Key, member.Value));

    [GeneratedRegex("""\[\s*['"](\w+)['"]\s*\]\s*\[\s*0\s*\]""", RegexOptions.None, 1000)]
    private static partial Regex FirstItem();

    /// <summary><c>(record.get('meta') or {}).get('hidden')</c> asks for what stands in meta.</summary>
    [GeneratedRegex("""\(\s*(record[^()]*(?:\([^()]*\))?)\s+or\s+\{\s*\}\s*\)""", RegexOptions.None, 1000)]
    private static partial Regex Unguarded();

    [GeneratedRegex("""(record(?:(?!\band\b|\bor\b)[^=!<>])*)[!=]=\s*[Tt]rue""", RegexOptions.None, 1000)]
    private static partial Regex FlagComparison();
}

/// <summary>What is particular to a platform's list of streams.</summary>
/// <param name="Asked">What streams are made of; nothing where the records are no descriptions.</param>
/// <param name="Held">What all such lists hold, by the words in which it is asked for: what is asked for in the same words is the same.</param>
internal sealed record FakeListing(IReadOnlyList<ExampleMember> Asked, Dictionary<string, List<HeldRecord>> Held);
