using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

/// <summary>Text of a restore.yaml → <see cref="RestoreProgram"/>. The language is described in docs/connectors/restore.md.</summary>
internal static class RestoreCompiler
{
    public static RestoreProgram Compile(string yaml, ConnectorProgram connector, LoadOptions options)
    {
        if (yaml.Length > options.ManifestCharactersMax)
            throw new ManifestException("", "", $"The manifest is longer than {options.ManifestCharactersMax:N0} characters.");

        var context = new ParseContext(options with { Strict = true });
        var reader = PlainReader.Of(Parsed(yaml, options), "restore", context);
        if (reader.Raw("version") is not { Kind: ValueKind.Integer, Long: 1 })
            throw reader.Problem("version", "The version of the restore language is 1.");
        var shared = new Shared(reader.TemplateOrNull("url_base"), RequestInputs.Parse(reader.AsComponent("Restore"), "headers", reader.Raw("headers")));
        var tokens = reader.MapOrNull("tokens") is { } wanted ? Tokens(wanted, shared) : [];
        var streams = reader.MapOrNull("streams") ?? throw reader.Problem("streams", "This option is required.");
        var dynamic = reader.MapOrNull("dynamic_streams");
        reader.Done(shared);

        var programs = new Dictionary<string, RestoreStream>(StringComparer.Ordinal);
        foreach (var name in streams.Map.Keys.ToList())
        {
            if (context.Try(() => Stream(name, streams.MapOrNull(name) ?? throw streams.Problem(name, "A map is wanted."), connector, shared)) is { } stream)
                programs[name] = stream;
        }

        var fillable = new List<DynamicRestore>();
        foreach (var name in dynamic?.Map.Keys.ToList() ?? [])
        {
            if (context.Try(() => Fillable(name, dynamic!.MapOrNull(name) ?? throw dynamic.Problem(name, "A map is wanted."), connector, shared, programs)) is { } restore)
                fillable.Add(restore);
        }

        foreach (var (name, program) in programs)
        {
            if (program.Info.With.FirstOrDefault(other => !programs.TryGetValue(other, out var coupled) || !coupled.Info.After.Contains(name)) is { } wrong)
                context.Add(new ManifestProblem($"restore.streams.{name}.with", "", $"'{wrong}' is no stream here that comes after this one."));
        }

        var names = context.Problems.Count > 0 ? [] : context.Try(() => RestoreOrder.Of([.. programs.Values.Select(program => program.Info)])) ?? [];
        if (context.Problems.Count > 0)
            throw new ManifestException(context.Problems);

        return new RestoreProgram { Connector = connector, Programs = programs, Tokens = tokens, Dynamic = fillable, Streams = [.. names.Select(name => programs[name].Info)] };
    }

    private static Value Parsed(string yaml, LoadOptions options)
    {
        var value = ManifestYaml.Parse(yaml);

        return new ExpandedSize().Of(value) <= options.NodesMax ? value : throw new ManifestException("restore", "", $"The manifest expands to more than {options.NodesMax:N0} values.");
    }

    private static RestoreStream Stream(string name, PlainReader reader, ConnectorProgram connector, Shared shared)
    {
        var stream = connector.StreamPrograms.FirstOrDefault(stream => stream.Name == name)
            ?? throw new ManifestException(reader.Path, "", "The connector has no stream of this name.");

        return reader.Done(Described(name, reader, connector, shared, stream))(stream, [], []);
    }

    /// <summary>One description for all streams of a dynamic stream, and the questions that tell them apart.</summary>
    private static DynamicRestore Fillable(string name, PlainReader reader, ConnectorProgram connector, Shared shared, Dictionary<string, RestoreStream> programs)
    {
        if (connector.DynamicStreams.All(dynamic => dynamic.Name != name) && connector.StreamPrograms.All(stream => stream.Dynamic != name))
            throw new ManifestException(reader.Path, "", "The connector has no dynamic stream of this name.");
        foreach (var after in reader.Texts("after").Where(after => !programs.ContainsKey(after)))
            throw reader.Problem("after", $"There is no stream '{after}' here.");

        return reader.Done(new DynamicRestore(
            name,
            Described(name, reader, connector, shared, null),
            reader.Maps("references_from", question => Question(question, shared, isReference: true)),
            reader.Maps("read_only_from", question => Question(question, shared, isReference: false))));
    }

    private static StreamQuestion Question(PlainReader reader, Shared shared, bool isReference) => reader.Done(new StreamQuestion(
        Unbatched(reader, shared),
        Records(reader) ?? throw reader.Problem("records", "This option is required."),
        reader.Template("of", reader.Text("of")),
        reader.Template("field", reader.Text("field")),
        isReference ? reader.Template("stream", reader.Text("stream")) : null));

    /// <summary>What is said of a stream, or of all that a dynamic stream comes to (<paramref name="known"/> is null then).</summary>
    private static FillStream Described(string name, PlainReader reader, ConnectorProgram connector, Shared shared, StreamProgram? known)
    {
        var ownId = reader.FieldOrNull("id");
        if (ownId is null && known is { PrimaryKey.Count: 0 })
            throw reader.Problem("id", "The stream has no primary key, so this option is required.");
        var find = reader.Maps("find", rule => Rule(rule, shared));
        var operations = new Dictionary<WriteKind, IReadOnlyList<RestoreOperation>>();
        Add(WriteKind.Create, "create", HttpMethod.Post);
        Add(WriteKind.Update, "update", HttpMethod.Patch);
        Add(WriteKind.Upsert, "upsert", HttpMethod.Put);
        Add(WriteKind.Delete, "delete", HttpMethod.Delete);

        var readOnly = reader.Fields("read_only");
        var references = reader.Maps("references", reference => reference.Done(new Relation(reference.Field("field"), reference.Text("stream"), null) { IsMemberNames = reference.Flag("keys", false) }));
        foreach (var (kind, alike) in operations.Where(pair => pair.Value.Any(operation => operation.Batch is not null)))
            CheckBatch(kind, alike);

        var info = new RestoreStreamInfo
        {
            Name = name,
            Id = ownId ?? FieldPath.Of(""), // That of the stream itself, below.
            After = reader.Texts("after"),
            With = reader.Texts("with"),
            CanCreate = operations.ContainsKey(WriteKind.Create),
            CanUpdate = operations.ContainsKey(WriteKind.Update),
            CanUpsert = operations.ContainsKey(WriteKind.Upsert),
            CanDelete = operations.ContainsKey(WriteKind.Delete),
            Match = [.. find.Select(rule => rule.Match)],
            ReadOnly = readOnly,
            Required = reader.Fields("required"),
            References = references,
            NeverWeaken = [.. reader.Maps("never_weaken", Consent).Select(consent => Writable(consent, readOnly))],
            Sets = [.. reader.Maps("sets", set => set.Done(new SetField(set.Field("field"), set.TextOrNull("separator"))))],
            NeedsNewer = reader.Has("never_weaken") || reader.Has("never_create"),
            BatchSize = operations.Values.Max(alike => (int?)alike[0].Batch?.Size) ?? 1,
            FindSize = find.Max(rule => rule.Batch?.Size) ?? 1,
            HasIdempotencyKey = reader.Has("idempotency_header"),
            Warning = reader.TextOrNull("warning"),
        };
        foreach (var reference in info.References.Where(reference => connector.StreamPrograms.All(known => known.Name != reference.Stream)))
            throw reader.Problem("references", $"The connector has no stream called '{reference.Stream}'.");

        var ignored = reader.Fields("compare_ignores");
        var compared = reader.Has("compare") ? reader.Fields("compare") : null;
        var neverCreate = reader.Maps("never_create", Exclusion);
        var idempotencyHeader = reader.TextOrNull("idempotency_header");

        return (stream, moreReferences, moreReadOnly) => new RestoreStream
        {
            Info = info with
            {
                Name = stream.Name,
                Id = ownId ?? stream.PrimaryKey[0],
                Key = stream.PrimaryKey,
                References = [.. references, .. moreReferences],
                ReadOnly = [.. readOnly, .. moreReadOnly],
            },
            Stream = stream,
            Id = ownId ?? stream.PrimaryKey[0],
            Find = find,
            Operations = operations,
            NotCompared = [.. readOnly, .. moreReadOnly, .. stream.Extensions.Volatile, .. ignored],
            Compared = compared,
            NeverCreate = neverCreate,
            IdempotencyHeader = idempotencyHeader,
        };

        void CheckBatch(WriteKind kind, IReadOnlyList<RestoreOperation> alike)
        {
            var key = $"{kind.ToString().ToLowerInvariant()}.batch";
            if (kind == WriteKind.Delete)
                throw reader.Problem(key, "Deletions go one by one.");
            if (alike.Count > 1)
                throw reader.Problem(key, "It goes with a single way to create.");
            if (kind == WriteKind.Create && (references.Any(reference => reference.Stream == name) || known is null && reader.Has("references_from")))
                throw reader.Problem(key, "Records of this stream refer to one another, so each needs the new id of one before it.");
            if (kind == WriteKind.Create && find.All(rule => rule.Match.By == MatchKind.LiveId))
                throw reader.Problem(key, "It needs a find rule besides live_id: a batch whose answer is lost is only repeated when its records can be looked for.");
        }

        void Add(WriteKind kind, string key, HttpMethod method)
        {
            if (kind == WriteKind.Create && reader.Raw(key) is { Kind: ValueKind.List, List.Count: > 0 })
                operations[kind] = reader.Maps(key, operation => operation.Done(Operation(operation, method, shared)));
            else if (reader.MapOrNull(key) is { } operation)
                operations[kind] = [operation.Done(Operation(operation, method, shared))];
        }
    }

    /// <summary>Either an order of values, or what tells the items of a list apart: a rule with neither would guard nothing, and one with both contradicts itself.</summary>
    private static NeverWeaken Consent(PlainReader reader)
    {
        var consent = reader.Done(new NeverWeaken(reader.Field("field"), reader.Texts("strictest_first"))
        {
            ItemsBy = reader.FieldOrNull("items"),
            LeftIn = reader.FieldOrNull("left"),
            CreatedAs = Value("created_as"),
            AbsentMeans = Value("absent_means"),
            Deleted = reader.Texts("deleted"),
            Address = reader.FieldOrNull("address"),
            Written = reader.TextOrNull("written") switch
            {
                null or "always" => ConsentWrites.Always,
                "when_created" => ConsentWrites.WhenCreated,
                "never" => ConsentWrites.Never,
                _ => throw reader.Problem("written", "It is one of always, when_created, never."),
            },
        });
        if (consent is { LeftIn: not null, ItemsBy: null })
            throw reader.Problem("left", "It goes with items.");
        if (consent.StrictestFirst.Count > 0 != consent.ItemsBy is null)
            throw reader.Problem("strictest_first", "Either strictest_first or items is required.");
        if (consent is { ItemsBy: not null, CreatedAs: not (null or NeverWeaken.AsBackedUp) } or { ItemsBy: not null, Address: not null } or { ItemsBy: not null, Deleted.Count: > 0 })
            throw reader.Problem("items", "Values, address and deleted go with strictest_first.");
        if (consent.ItemsBy is null ? !IsKnown(consent.AbsentMeans) : consent.AbsentMeans is not (null or NeverWeaken.NothingLeft) || consent is { AbsentMeans: not null, LeftIn: null })
            throw reader.Problem("absent_means", $"One of the values of strictest_first is wanted, or '{NeverWeaken.NothingLeft}' beside 'left'.");

        return consent.CreatedAs == NeverWeaken.AsBackedUp || IsKnown(consent.CreatedAs) ? consent : throw reader.Problem("created_as", "One of the values of strictest_first is wanted, or as_backed_up.");

        bool IsKnown(string? value) => value is null || consent.ItemsBy is not null || consent.StrictestFirst.Contains(value, StringComparer.OrdinalIgnoreCase);

        string? Value(string key) => reader.Raw(key) is { Kind: ValueKind.Boolean } flag ? flag.Boolean ? "true" : "false" : reader.TextOrNull(key);
    }

    /// <summary>What is read only is not written, and a rule that made it anew would send it.</summary>
    private static NeverWeaken Writable(NeverWeaken consent, IReadOnlyList<FieldPath> readOnly)
    {
        var probe = new ValueMap();
        ValuePaths.Set(probe, consent.Field.Keys, Expressions.Value.True);
        foreach (var field in readOnly)
            ValuePaths.Remove(probe, field.Keys);

        return ValuePaths.Get(Expressions.Value.Of(probe), consent.Field.Keys).IsUndefined ? consent with { Written = ConsentWrites.Never } : consent;
    }

    private static NeverCreate Exclusion(PlainReader reader) => reader.Done(new NeverCreate(reader.Template("when", reader.Text("when")), reader.Text("because"), reader.Flag("unless_asked", false)));

    private static FindRule Rule(PlainReader reader, Shared shared)
    {
        var by = reader.Text("by") switch
        {
            "live_id" => MatchKind.LiveId,
            "external_id" => MatchKind.ExternalId,
            "natural_key" => MatchKind.NaturalKey,
            _ => throw reader.Problem("by", "It is one of live_id, external_id, natural_key."),
        };
        var fields = reader.Fields("fields");
        var where = reader.TemplateOrNull("where");
        if (by != MatchKind.LiveId && fields.Count == 0 && where is null)
            throw reader.Problem("fields", "This option or 'where' is required: it says what must be equal.");

        var batch = reader.MapOrNull("batch") is { } many ? FindBatch(many, shared) : null;

        return reader.Done(new FindRule(new MatchRule(by, fields), Operation(reader, HttpMethod.Get, shared, isFind: true), Records(reader), where, Statuses(reader, "missing")) { Batch = batch });
    }

    /// <summary>It has no <c>where</c> and no <c>fields</c>: those of the rule decide, however many are asked for.</summary>
    private static FindBatch FindBatch(PlainReader reader, Shared shared)
    {
        foreach (var key in (string[])["without", "rename", "new_id", "id_header", "batch"])
        {
            if (reader.Has(key))
                throw reader.Problem(key, "It has no place where records are looked for.");
        }

        if (Records(reader) is not { } records)
            throw reader.Problem("records", "This option is required: many records have a list as their answer.");
        var match = reader.MapOrNull("match") ?? throw reader.Problem("match", "This option is required: it says which candidate may be of which record.");

        return reader.Done(new FindBatch(
            Number(reader, "size", 2),
            Operation(reader, HttpMethod.Get, shared),
            Item(reader),
            records,
            Match(match),
            reader.Has("most") ? Number(reader, "most", 2) : null,
            reader.MapOrNull("errors") is { } errors ? Errors(errors) : null,
            Statuses(reader, "missing")));
    }

    private static int Number(PlainReader reader, string key, int least) =>
        int.TryParse(reader.Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= 10_000
            ? number
            : throw reader.Problem(key, $"A number from {least} to 10,000 is wanted.");

    private static TemplateTree? Item(PlainReader reader) =>
        reader.Raw("item") is { IsNothing: false } item ? reader.AsComponent("Restore").ParseTree(item, $"{reader.Path}.item") : null;

    private static BatchMatch Match(PlainReader reader) =>
        reader.Done(new BatchMatch(reader.Template("sent", reader.Text("sent")), reader.Template("answered", reader.Text("answered"))));

    private static BatchErrors Errors(PlainReader reader) => reader.Done(new BatchErrors(
        reader.Fields("records") is { Count: > 0 } records ? records : throw reader.Problem("records", "This option is required."),
        new BatchMatch(reader.Template("sent", reader.Text("sent")), reader.Template("answered", reader.Text("answered"))),
        reader.TemplateOrNull("code")));

    private static IReadOnlySet<int> Statuses(PlainReader reader, string key)
    {
        var statuses = new HashSet<int>();
        foreach (var text in reader.Texts(key))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 400 or > 499)
                throw reader.Problem(key, "Statuses between 400 and 499 are wanted.");
            statuses.Add(status);
        }

        return statuses;
    }

    /// <summary>An empty list means that the answer itself is the list.</summary>
    private static IReadOnlyList<string>? Records(PlainReader reader) =>
        reader.Raw("records") is { Kind: ValueKind.List, List.Count: 0 } ? [] : reader.FieldOrNull("records")?.Keys;

    private static RestoreOperation Unbatched(PlainReader reader, Shared shared) =>
        reader.Has("batch") ? throw reader.Problem("batch", "Only writes go out in batches.") : Operation(reader, HttpMethod.Get, shared);

    private static RestoreOperation Operation(PlainReader reader, HttpMethod method, Shared shared, bool isFind = false)
    {
        var component = reader.AsComponent("Restore");
        var json = reader.Raw("json");
        var form = reader.Raw("form");
        var tree = reader.Raw("form_tree");

        return new RestoreOperation
        {
            Method = reader.TextOrNull("method") switch
            {
                null => method,
                "GET" or "POST" or "PUT" or "PATCH" or "DELETE" => HttpMethod.Parse(reader.Text("method")),
                _ => throw reader.Problem("method", "It is one of GET, POST, PUT, PATCH, DELETE."),
            },
            Path = reader.Template("path", reader.Text("path")),
            UrlBase = shared.UrlBase,
            Parameters = RequestInputs.Parse(component, "parameters", reader.Raw("parameters")),
            SharedHeaders = shared.Headers,
            Headers = RequestInputs.Parse(component, "headers", reader.Raw("headers")),
            Json = json.IsNothing ? null : component.ParseTree(json, $"{reader.Path}.json"),
            Form = form.IsNothing ? null : RequestInputs.Parse(component, "form", form),
            FormTree = tree.IsNothing ? null : new BracketForm(component.ParseTree(tree, $"{reader.Path}.form_tree"), reader.Flag("clears", false)),
            Record = reader.FieldOrNull("record"),
            Without = reader.Fields("without"),
            Rename = reader.Maps("rename", renamed => renamed.Done(new RenamedField(renamed.Field("field"), renamed.Text("to")))),
            NewId = reader.FieldOrNull("new_id"),
            IdHeader = reader.TextOrNull("id_header"),
            RefusedWhen = reader.TemplateOrNull("refused_when"),
            Batch = !isFind && reader.MapOrNull("batch") is { } batch ? Batch(batch, method, shared) : null,
        };
    }

    private static BatchOperation Batch(PlainReader reader, HttpMethod method, Shared shared)
    {
        foreach (var key in (string[])["without", "rename", "id_header", "batch"])
        {
            if (reader.Has(key))
                throw reader.Problem(key, "It has no place in a batch: what is sent is said by 'item', what came of it by 'results'.");
        }

        var size = Number(reader, "size", 2);
        var matches = reader.Raw("match").Kind == ValueKind.List ? reader.Maps("match", Match) : reader.MapOrNull("match") is { } only ? [Match(only)] : [];

        return reader.Done(new BatchOperation(
            size,
            Operation(reader, method, shared),
            Item(reader),
            reader.Fields("results"),
            matches,
            reader.MapOrNull("errors") is { } errors ? Errors(errors) : null));
    }

    private static IReadOnlyList<WriteToken> Tokens(PlainReader reader, Shared shared) => reader.Done<IReadOnlyList<WriteToken>>(
    [
        .. reader.Map.Keys.ToList().Select(name => reader.MapOrNull(name) is { } token
            ? token.Done(new WriteToken(name, Unbatched(token, shared), token.Field("field"), token.TemplateOrNull("expired_when")))
            : throw reader.Problem(name, "A map is wanted.")),
    ]);

    private sealed record Shared(Template? UrlBase, RequestInputs Headers);
}
