using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Partitions;

/// <summary>Each partition of the one with each partition of the other.</summary>
internal sealed class CartesianProduct(IReadOnlyList<PartitionRouter> routers) : PartitionRouter
{
    public override IEnumerable<StreamProgram> Parents => routers.SelectMany(router => router.Parents);

    public override IAsyncEnumerable<Partition> PartitionsAsync(Session session, CancellationToken cancellation) => ProductAsync(session, 0, cancellation);

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context)
    {
        foreach (var router in routers)
            router.Inject(parts, partition, context);
    }

    private async IAsyncEnumerable<Partition> ProductAsync(Session session, int at, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (at == routers.Count)
        {
            yield return Partition.Whole;
            yield break;
        }

        await foreach (var first in routers[at].PartitionsAsync(session, cancellation))
        {
            await foreach (var rest in ProductAsync(session, at + 1, cancellation))
                yield return Joined(first, rest);
        }
    }

    private static Partition Joined(Partition first, Partition second)
    {
        var fields = first.Fields.Copy();
        foreach (var (key, value) in second.Fields)
            fields.Set(key, value);

        return new Partition(fields, first.Extra ?? second.Extra);
    }
}

/// <summary>Several partitions at a time: each field holds a list.</summary>
internal sealed class GroupingPartitionRouter(PartitionRouter inner, int size, bool unique) : PartitionRouter
{
    public static new GroupingPartitionRouter Parse(ComponentReader reader)
    {
        var size = reader.IntegerOrNull("group_size") ?? throw reader.Missing("group_size");
        if (size < 1)
            throw reader.Problem("group_size", "A group has at least one partition.");

        return reader.Done(new GroupingPartitionRouter(
            reader.Component("underlying_partition_router", nameof(ListPartitionRouter), PartitionRouter.Parse), size, reader.Flag("deduplicate", fallback: true)));
    }

    public override IEnumerable<StreamProgram> Parents => inner.Parents;

    public override async IAsyncEnumerable<Partition> PartitionsAsync(Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var group = new List<Partition>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var partition in inner.PartitionsAsync(session, cancellation))
        {
            if (unique && !seen.Add(partition.Key))
                continue;
            group.Add(partition);
            if (group.Count < size)
                continue;
            yield return Grouped(group);
            group.Clear();
        }

        if (group.Count > 0)
            yield return Grouped(group);
    }

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context) => inner.Inject(parts, partition, context);

    private static Partition Grouped(List<Partition> group)
    {
        var fields = new ValueMap();
        foreach (var key in group[0].Fields.Keys)
            fields.Set(key, Value.Of(group.Select(partition => partition.Fields[key])));

        return new Partition(fields, null);
    }
}

/// <summary>The partitions of several routers one after the other, under one name.</summary>
internal sealed class UnionPartitionRouter(Template field, IReadOnlyList<PartitionRouter> routers) : PartitionRouter
{
    public static new UnionPartitionRouter Parse(ComponentReader reader) => reader.Done(new UnionPartitionRouter(
        reader.Template("partition_field"), reader.Components("partition_routers", nameof(ListPartitionRouter), PartitionRouter.Parse)));

    public override IEnumerable<StreamProgram> Parents => routers.SelectMany(router => router.Parents);

    public override async IAsyncEnumerable<Partition> PartitionsAsync(Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var name = field.EvaluateText(session.Context) ?? "";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var router in routers)
        {
            await foreach (var partition in router.PartitionsAsync(session, cancellation))
            {
                var own = partition.Fields.Keys.FirstOrDefault(key => key != "parent_slice") ?? name;
                var union = new Partition(new ValueMap().Set(name, partition.Fields[own]), partition.Extra);
                if (seen.Add(union.Key))
                    yield return union;
            }
        }
    }

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context)
    {
        foreach (var router in routers)
            router.Inject(parts, partition, context);
    }
}
