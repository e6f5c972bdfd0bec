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
                if (page.Records.Count + page.Refused - partitions.Count is > 0 and var without)
                    session.Evidence = session.Evidence with { ParentsWithoutKey = session.Evidence.ParentsWithoutKey + without };
                if (page.Refused > 0)
                    session.ParentCut ??= CutReason.ParentsRefused;
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
/// <param name="LazyPath">Where the parent's records hold their children's first page; empty: nowhere.</param>
internal sealed record ParentStream(
    StreamProgram Stream,
    Template ParentKey,
    Template PartitionField,
    RequestOption? Option,
    IReadOnlyList<IReadOnlyList<string>> ExtraFields,
    IReadOnlyList<string> LazyPath)
{
    public static ParentStream Parse(ComponentReader reader)
    {
        // The parent is read whole each time: that finds every child that an incremental read of the parent would find, and more.
        reader.Ignore("incremental_dependency");
        var extra = reader.Raw("extra_fields") switch
        {
            { IsNothing: true } => [],
            { Kind: ValueKind.List } list when list.List.All(path => path is { Kind: ValueKind.List, List.Count: > 0 }) =>
                list.List.Select(path => (IReadOnlyList<string>)[.. path.List.Select(PythonText.Str)]).ToList(),
            _ => throw reader.Problem("extra_fields", "A list of paths is wanted, each a list of keys."),
        };

        return reader.Done(new ParentStream(
            reader.Component("stream", "DeclarativeStream", StreamProgram.Parse),
            reader.Template("parent_key"),
            reader.Template("partition_field"),
            reader.ComponentOrNull("request_option", nameof(RequestOption), RequestOption.Parse),
            extra,
            reader.Texts("lazy_read_pointer")));
    }

    /// <summary>The partition, or null when the record has no key and so cannot have children.</summary>
    public Partition? PartitionOf(ReadOnlyMemory<byte> record, string field, Partition parent, ExpressionContext context)
    {
        var value = ValueJson.Parse(record);
        var key = Key(value, ParentKey.EvaluateText(context) ?? "");
        if (key.IsNothing)
            return null;

        // The page goes away; what is kept of it is copied.
        var fields = new ValueMap().Set(field, ValueJson.Detached(key)).Set("parent_slice", Value.Of(parent.Fields));
        return new Partition(fields, Extra(value)) { FirstPage = FirstPage(value) };
    }

    /// <summary>A field of that very name, or what a path with slashes leads to.</summary>
    private static Value Key(Value record, string key) =>
        ValuePaths.Get(record, [key]) is { IsNothing: false } own ? own : ValuePaths.Get(record, key.Split('/'));

    /// <summary>A field further down is found in either spelling: <c>extra_fields.a.b</c> and <c>extra_fields['a.b']</c>.</summary>
    private ValueMap? Extra(Value record)
    {
        if (ExtraFields.Count == 0)
            return null;

        var extra = new ValueMap();
        foreach (var path in ExtraFields)
        {
            var value = ValuePaths.Get(record, path) is { IsNothing: false } found ? ValueJson.Detached(found) : Value.None;
            ValuePaths.Set(extra, path, value);
            if (path.Count > 1)
                extra.Set(string.Join('.', path), value);
        }

        return extra;
    }

    /// <summary>The child's first page, where parents bring one along. What is no page (a link, a number) is asked for as usual.</summary>
    private ReadOnlyMemory<byte> FirstPage(Value record) =>
        LazyPath.Count > 0 && ValuePaths.Get(record, LazyPath) is { Kind: ValueKind.Map or ValueKind.List } page ? ValueJson.ToBytes(page) : default;
}
