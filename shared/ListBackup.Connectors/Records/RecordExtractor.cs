using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Where the records stand in an answer.</summary>
internal abstract class RecordExtractor
{
    public static RecordExtractor Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(DpathExtractor) => DpathExtractor.Parse(reader),
        nameof(KeyValueExtractor) => KeyValueExtractor.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <summary>The extractor with the configuration's values in its paths.</summary>
    public abstract BoundExtractor Bind(ExpressionContext context);
}

/// <summary>Records stand at a path, or inside of what stands there.</summary>
internal sealed class DpathExtractor(IReadOnlyList<Template> path, RecordExpander? expander) : RecordExtractor
{
    public static new DpathExtractor Parse(ComponentReader reader) => reader.Type == nameof(DpathExtractor)
        ? reader.Done(new DpathExtractor(
            reader.Templates("field_path"), reader.ComponentOrNull("record_expander", nameof(RecordExpander), RecordExpander.Parse)))
        : throw reader.WrongType();

    public override BoundExtractor Bind(ExpressionContext context)
    {
        IReadOnlyList<string> keys = [.. path.Select(part => part.EvaluateText(context) ?? "")];
        var isPlain = expander is null && !keys.Any(part => part.AsSpan().ContainsAny('*', '?'));

        return new BoundExtractor(isPlain ? keys : null, body => Listed(body, keys), expander?.Bind(context));
    }

    private static IEnumerable<Value> Listed(Value body, IReadOnlyList<string> keys) => ValuePaths.Find(body, keys).SelectMany(found => found switch
    {
        { Kind: ValueKind.List } => found.List,

        // Where one record could stand, null and {} mean that there is none.
        { IsNone: true } => [],
        { Kind: ValueKind.Map } when IsEmpty(found.Map) => [],
        _ => Enumerable.Repeat(found, 1),
    });

    /// <summary>Told by its bytes while nobody has looked into the map: it stays as the platform wrote it.</summary>
    private static bool IsEmpty(ValueMap map) => map.UntouchedJson is { IsEmpty: false } json ? PageSplitter.IsEmptyObject(json.Span) : map.Count == 0;
}

/// <summary>The names of fields stand in one place and their values in another: a table under its head.</summary>
internal sealed class KeyValueExtractor(RecordExtractor keys, RecordExtractor values) : RecordExtractor
{
    public static new KeyValueExtractor Parse(ComponentReader reader) => reader.Done(new KeyValueExtractor(
        reader.Component("keys_extractor", nameof(DpathExtractor), RecordExtractor.Parse),
        reader.Component("values_extractor", nameof(DpathExtractor), RecordExtractor.Parse)));

    public override BoundExtractor Bind(ExpressionContext context)
    {
        var (names, cells) = (keys.Bind(context), values.Bind(context));

        return new BoundExtractor(null, body => Rows([.. names.Values(body).Select(PythonText.Str)], cells.Values(body)), null);
    }

    private static IEnumerable<Value> Rows(string[] names, IEnumerable<Value> cells)
    {
        if (names.Length == 0)
        {
            // Cells without names are rows that cannot be records.
            foreach (var _ in cells)
                yield return Value.None;
            yield break;
        }

        foreach (var row in cells.Chunk(names.Length))
        {
            var record = new ValueMap();
            for (var at = 0; at < row.Length; at++)
                record.Set(names[at], row[at]);

            yield return Value.Of(record);
        }
    }
}
