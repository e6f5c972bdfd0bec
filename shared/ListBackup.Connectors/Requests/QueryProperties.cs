using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Requests;

/// <summary>
/// The fields that a platform wants to be named in a request, in as many requests for one page as it needs. They stand in
/// <c>stream_partition.extra_fields.query_properties</c>.
/// </summary>
internal sealed class QueryProperties
{
    /// <summary>More fields than any platform has.</summary>
    private const int PropertiesMax = 100_000;

    private const string ExtraFields = "extra_fields";
    private const string Key = "query_properties";

    public required IReadOnlyList<Template> Named { get; init; }

    /// <summary>Where the platform tells its fields; null: they are named in the manifest.</summary>
    public required PropertiesFromEndpoint? Endpoint { get; init; }

    /// <summary>Fields that every request names.</summary>
    public required IReadOnlyList<string> Always { get; init; }

    /// <summary>Null: one request names all.</summary>
    public required PropertyChunking? Chunking { get; init; }

    public static QueryProperties Parse(ComponentReader reader)
    {
        // A backup wants every field, so there is no selection by a customer that could leave some out.
        reader.ComponentOrNull("property_selector", "JsonSchemaPropertySelector", ParseSelector);
        var isList = reader.Raw("property_list").Kind == ValueKind.List;

        return reader.Done(new QueryProperties
        {
            Named = isList ? reader.Templates("property_list") : [],
            Endpoint = isList ? null : reader.Component("property_list", nameof(PropertiesFromEndpoint), PropertiesFromEndpoint.Parse),
            Always = reader.Texts("always_include_properties"),
            Chunking = reader.ComponentOrNull("property_chunking", nameof(PropertyChunking), PropertyChunking.Parse),
        });
    }

    /// <summary>The older form, which asks for the fields and names them all at once.</summary>
    public static QueryProperties ParseEndpoint(ComponentReader reader) =>
        new() { Named = [], Endpoint = PropertiesFromEndpoint.Parse(reader), Always = [], Chunking = null };

    /// <summary>The fields of each request; asked for once in a session.</summary>
    public async ValueTask<IReadOnlyList<IReadOnlyList<string>>> ChunksAsync(Session session, CancellationToken cancellation)
    {
        if (session.Properties.TryGetValue(this, out var known))
            return known;

        var names = new List<string>();
        if (Endpoint is null)
            names.AddRange(Named.Select(name => name.EvaluateText(session.Context)).OfType<string>());
        else
            await foreach (var name in Endpoint.NamesAsync(session, cancellation))
            {
                if (names.Count == PropertiesMax)
                    throw new PlatformNotReadableException($"it names more than {PropertiesMax:N0} fields", session.Failure());
                names.Add(name);
            }

        var all = names.Except(Always, StringComparer.Ordinal).ToList();
        IReadOnlyList<IReadOnlyList<string>> chunks = Chunking is null ? [[.. Always, .. all]] : Chunking.Split(all, Always);

        return session.Properties.GetOrAdd(this, chunks);
    }

    /// <summary>The context of a request that names these fields.</summary>
    public static ExpressionContext With(ExpressionContext context, IReadOnlyList<string> properties)
    {
        var slice = context[Variable.StreamSlice].Map.Copy();
        var extra = slice[ExtraFields] is { Kind: ValueKind.Map } own ? own.Map.Copy() : new ValueMap();
        slice.Set(ExtraFields, Value.Of(extra.Set(Key, Value.Of(properties))));

        return context.With(Variable.StreamSlice, Value.Of(slice));
    }

    /// <summary>The fields of a request as one parameter.</summary>
    public static Value Joined(ExpressionContext context) =>
        ValuePaths.Get(context[Variable.StreamSlice], [ExtraFields, Key]) is { Kind: ValueKind.List } list ? Value.Of(string.Join(',', list.List.Select(PythonText.Str))) : Value.None;

    private static IReadOnlyList<Records.Transformation> ParseSelector(ComponentReader reader) => reader.Type == "JsonSchemaPropertySelector"
        ? reader.Done(reader.Components("transformations", "AddFields", Records.Transformation.Parse))
        : throw reader.WrongType();
}

/// <summary>A request whose records name the fields.</summary>
internal sealed record PropertiesFromEndpoint(IReadOnlyList<Template> Path, SimpleRetriever Retriever)
{
    public static PropertiesFromEndpoint Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(PropertiesFromEndpoint))
            throw reader.WrongType();
        var path = reader.Templates("property_field_path");

        return path.Count > 0
            ? reader.Done(new PropertiesFromEndpoint(path, reader.Component("retriever", nameof(SimpleRetriever), SimpleRetriever.Parse)))
            : throw reader.Missing("property_field_path");
    }

    public async IAsyncEnumerable<string> NamesAsync(Session session, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = Path.Select(part => part.EvaluateText(session.Context) ?? "").ToList();
        await foreach (var (record, _) in DescriptionReading.RecordsAsync(Retriever, "fields", session, cancellation))
        {
            if (ValuePaths.Get(record, path) is { IsNothing: false } name)
                yield return PythonText.Str(name);
        }
    }
}

/// <summary>Splits fields over several requests, whose rows are one record where they have the same key.</summary>
/// <param name="Limit">The most that one request may name: fields, or characters with three between two fields. Null: everything.</param>
internal sealed record PropertyChunking(bool IsByCharacters, int? Limit, IReadOnlyList<string> Key)
{
    private const int CharactersBetween = 3;

    public static PropertyChunking Parse(ComponentReader reader)
    {
        var limit = reader.IntegerOrNull("property_limit");
        if (limit < 1)
            throw reader.Problem("property_limit", "A request names at least one property.");

        return reader.Done(new PropertyChunking(
            reader.Choice("property_limit_type", "property_count", "characters", "property_count") == "characters",
            limit,
            reader.ComponentOrNull("record_merge_strategy", "GroupByKeyMergeStrategy", ParseKey) ?? ["id"]));
    }

    public IReadOnlyList<IReadOnlyList<string>> Split(IReadOnlyList<string> properties, IReadOnlyList<string> always)
    {
        var chunks = new List<IReadOnlyList<string>>();
        var chunk = new List<string>();
        var size = 0;
        foreach (var property in properties)
        {
            var more = IsByCharacters ? property.Length + CharactersBetween : 1;
            if (chunk.Count > 0 && size + more > Limit)
            {
                chunks.Add([.. always, .. chunk]);
                chunk.Clear();
                size = 0;
            }

            chunk.Add(property);
            size += more;
        }

        if (chunk.Count > 0 || chunks.Count == 0)
            chunks.Add([.. always, .. chunk]);

        return chunks;
    }

    private static IReadOnlyList<string> ParseKey(ComponentReader reader)
    {
        if (reader.Type != "GroupByKeyMergeStrategy")
            throw reader.WrongType();

        return reader.Texts("key") is { Count: > 0 } key ? reader.Done(key) : throw reader.Missing("key");
    }
}
