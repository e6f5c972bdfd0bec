using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>The platform tells: each record of a request is one stream (tables, forms, custom objects).</summary>
internal sealed class HttpComponentsResolver(SimpleRetriever retriever, IReadOnlyList<ComponentMapping> mappings) : ComponentsResolver(mappings)
{
    public static new HttpComponentsResolver Parse(ComponentReader reader) => reader.Done(new HttpComponentsResolver(
        reader.Component("retriever", nameof(SimpleRetriever), SimpleRetriever.Parse), ParseMappings(reader)));

    public override SimpleRetriever Retriever => retriever;

    protected override bool ReadsYaml => false;

    public override Exception Failure(string what, Session session) => new PlatformNotReadableException($"its list of streams {what}", session.Failure());

    protected override IAsyncEnumerable<(Value Values, Value Slice)> ValuesAsync(string stream, Session session, CancellationToken cancellation) =>
        DescriptionReading.RecordsAsync(retriever, stream, session, cancellation);
}
