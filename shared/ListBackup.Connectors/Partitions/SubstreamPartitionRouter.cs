using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Partitions;

/// <summary>Each record of a parent stream is a partition.</summary>
internal sealed class SubstreamPartitionRouter(IReadOnlyList<ParentStream> parents) : PartitionRouter
{
    public static new SubstreamPartitionRouter Parse(ComponentReader reader)
    {
        var parents = reader.Components("parent_stream_configs", "ParentStreamConfig", ParentStream.Parse);

        return parents.Count > 0 ? reader.Done(new SubstreamPartitionRouter(parents)) : throw reader.Missing("parent_stream_configs");
    }

    public override IEnumerable<StreamProgram> Parents => parents.Select(parent => parent.Stream);

    public override async IAsyncEnumerable<Partition> PartitionsAsync(Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var parent in parents)
        {
            var field = parent.PartitionField.EvaluateText(session.Context) ?? "";
            await foreach (var page in new PageReading(parent.Stream, session) { IsParent = true }.AllAsync(cancellation))
            {
                List<Partition> partitions;
                using (page)
                    partitions = [.. page.Records.Select(record => parent.PartitionOf(record, field, page.Partition, session.Context)).OfType<Partition>()];
                foreach (var partition in partitions)
                    yield return partition;
            }
        }
    }

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context)
    {
        foreach (var parent in parents)
            parent.Option?.Inject(parts, partition.Fields[parent.PartitionField.EvaluateText(context) ?? ""], context);
    }
}

/// <summary>A parent stream and where its records keep what names a partition.</summary>
internal sealed record ParentStream(
    StreamProgram Stream, Template ParentKey, Template PartitionField, RequestOption? Option, IReadOnlyList<IReadOnlyList<string>> ExtraFields)
{
    public static ParentStream Parse(ComponentReader reader)
    {
        reader.NotYet("lazy_read_pointer");

        // The parent is read whole each time: that finds every child that an incremental read of the parent would find, and more.
        reader.Ignore("incremental_dependency");
        var extra = reader.Raw("extra_fields") is { Kind: ValueKind.List } list
            ? list.List.Where(path => path.Kind == ValueKind.List).Select(path => (IReadOnlyList<string>)[.. path.List.Select(PythonText.Str)]).ToList()
            : [];

        return reader.Done(new ParentStream(
            reader.Component("stream", "DeclarativeStream", StreamProgram.Parse),
            reader.Template("parent_key"),
            reader.Template("partition_field"),
            reader.ComponentOrNull("request_option", nameof(RequestOption), RequestOption.Parse),
            extra));
    }

    /// <summary>The partition, or null when the record has no key and so cannot have children.</summary>
    public Partition? PartitionOf(ReadOnlyMemory<byte> record, string field, Partition parent, ExpressionContext context)
    {
        var value = ValueJson.Parse(record);
        var key = ValuePaths.Get(value, (ParentKey.EvaluateText(context) ?? "").Split('/'));
        if (key.IsNothing)
            return null;

        // The page goes away; what is kept of it is copied.
        var fields = new ValueMap().Set(field, ValueJson.Detached(key)).Set("parent_slice", Value.Of(parent.Fields));
        var extra = ExtraFields.Count == 0 ? null : new ValueMap();
        foreach (var path in ExtraFields)
            ValuePaths.Set(extra!, path, ValueJson.Detached(ValuePaths.Get(value, path)));

        return new Partition(fields, extra);
    }
}
