using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Which rows become records.</summary>
internal sealed record RecordSelector(DpathExtractor Extractor, Template? Condition, bool TransformFirst)
{
    public static RecordSelector Parse(ComponentReader reader)
    {
        var normalization = reader.Raw("schema_normalization");
        if (normalization is { IsText: true, Text: not "None" })
        {
            throw new ManifestException(
                $"{reader.Path}.schema_normalization", reader.Type,
                "A backup keeps what the platform sent; changing values to fit a schema is not supported.", ManifestProblemKind.NotSupportedYet);
        }

        if (normalization.Kind == ValueKind.Map)
            throw new ManifestException($"{reader.Path}.schema_normalization", "CustomSchemaNormalization", "It asks for code.", ManifestProblemKind.NeedsCode);

        return reader.Done(new RecordSelector(
            reader.Component("extractor", nameof(DpathExtractor), DpathExtractor.Parse),
            reader.ComponentOrNull("record_filter", "RecordFilter", ParseFilter)?.Condition,
            reader.Flag("transform_before_filtering")));
    }

    private static Filter ParseFilter(ComponentReader reader) => reader.Type == "RecordFilter"
        ? reader.Done(new Filter(reader.TemplateOrNull("condition")))
        : throw reader.WrongType();

    private sealed record Filter(Template? Condition);
}
