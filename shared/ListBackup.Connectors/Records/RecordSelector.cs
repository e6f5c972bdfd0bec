using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Which rows become records.</summary>
internal sealed record RecordSelector(RecordExtractor Extractor, Template? Condition, bool TransformFirst)
{
    public static RecordSelector Parse(ComponentReader reader)
    {
        Normalization(reader);

        return reader.Done(new RecordSelector(
            reader.Component("extractor", nameof(DpathExtractor), RecordExtractor.Parse),
            reader.ComponentOrNull("record_filter", "RecordFilter", ParseFilter)?.Condition,
            reader.Flag("transform_before_filtering")));
    }

    /// <summary>
    /// Values that are changed to fit the schema would no longer be what the platform sent, which is what a backup is for: records stay verbatim, and
    /// whoever reads the manifest is told so.
    /// </summary>
    private static void Normalization(ComponentReader reader)
    {
        if (reader.Raw("schema_normalization").Kind == ValueKind.Map)
            reader.Component("schema_normalization", "CustomSchemaNormalization", static Filter (inner) => throw inner.WrongType());
        else if (reader.Choice("schema_normalization", "None", "None", "Default") == "Default")
            reader.Context.Warn(new ManifestProblem($"{reader.Path}.schema_normalization", reader.Type, "Records are kept as the platform sent them; their values are not changed to fit the schema."));
    }

    private static Filter ParseFilter(ComponentReader reader) => reader.Type == "RecordFilter"
        ? reader.Done(new Filter(reader.TemplateOrNull("condition")))
        : throw reader.WrongType();

    private sealed record Filter(Template? Condition);
}
