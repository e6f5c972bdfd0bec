using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Partitions;

/// <summary>Each partition of the one with each partition of the other.</summary>
internal sealed class CartesianProduct(IReadOnlyList<PartitionRouter> routers) : PartitionRouter
{
    /// <summary>The partitions of an inner router are kept, so that its parents are read once and not once per outer partition; more than this are read again.</summary>
    private const int PartitionsKeptMax = 100_000;

    public override IEnumerable<StreamProgram> Parents => routers.SelectMany(router => router.Parents);

    public override IAsyncEnumerable<Partition> PartitionsAsync(Session session, CancellationToken cancellation) =>
        ProductAsync(session, 0, new List<Partition>?[routers.Count], cancellation);

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context)
    {
        foreach (var router in routers)
            router.Inject(parts, partition, context);
    }

    private async IAsyncEnumerable<Partition> ProductAsync(
        Session session, int at, List<Partition>?[] kept, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (at == routers.Count)
        {
            yield return Partition.Whole;
            yield break;
        }

        await foreach (var first in InnerAsync(session, at, kept, cancellation))
        {
            await foreach (var rest in ProductAsync(session, at + 1, kept, cancellation))
                yield return Joined(first, rest);
        }
    }

    private async IAsyncEnumerable<Partition> InnerAsync(
        Session session, int at, List<Partition>?[] kept, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (kept[at] is { } known)
        {
            foreach (var partition in known)
                yield return partition;
            yield break;
        }

        List<Partition>? seen = at == 0 ? null : [];
        await foreach (var partition in routers[at].PartitionsAsync(session, cancellation))
        {
            if (seen?.Count == PartitionsKeptMax)
                seen = null;
            seen?.Add(partition);
            yield return partition;
        }

        kept[at] = seen;
    }

    private static Partition Joined(Partition first, Partition second)
    {
        var fields = first.Fields.Copy();
        foreach (var (key, value) in second.Fields)
            fields.Set(key, value);

        if (first.Extra is null || second.Extra is null)
            return new Partition(fields, first.Extra ?? second.Extra);

        var extra = first.Extra.Copy();
        foreach (var (key, value) in second.Extra)
            extra.Set(key, value);

        return new Partition(fields, extra);
    }
}

/// <summary>Several partitions at a time: each field holds a list, and so do the fields of the parents' records.</summary>
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
        var seen = new SeenPartitions(session);
        await foreach (var partition in inner.PartitionsAsync(session, cancellation))
        {
            if (unique && !seen.Add(partition))
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

    private static Partition Grouped(List<Partition> group) => new(
        Lists(group, partition => partition.Fields),
        group.All(partition => partition.Extra is not null) ? Lists(group, partition => partition.Extra!) : null);

    private static ValueMap Lists(List<Partition> group, Func<Partition, ValueMap> fields)
    {
        var lists = new ValueMap();
        foreach (var key in fields(group[0]).Keys)
            lists.Set(key, Value.Of(group.Select(partition => fields(partition)[key]).ToList()));

        return lists;
    }
}

/// <summary>The partitions of several routers one after the other, under one name and each once. What else they tell becomes extra fields.</summary>
internal sealed class UnionPartitionRouter(Template field, IReadOnlyList<PartitionRouter> routers) : PartitionRouter
{
    public static new UnionPartitionRouter Parse(ComponentReader reader)
    {
        var routers = reader.Components("partition_routers", nameof(ListPartitionRouter), PartitionRouter.Parse);
        if (routers.Count == 0)
            throw reader.Missing("partition_routers");
        if (routers.Any(router => router is GroupingPartitionRouter))
            throw reader.Problem("partition_routers", "Groups cannot be united: each partition needs one value.");

        return reader.Done(new UnionPartitionRouter(reader.Template("partition_field"), routers));
    }

    public override IEnumerable<StreamProgram> Parents => routers.SelectMany(router => router.Parents);

    public override async IAsyncEnumerable<Partition> PartitionsAsync(Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var name = field.EvaluateText(session.Context) ?? "";
        var seen = new SeenPartitions(session);
        foreach (var router in routers)
        {
            await foreach (var partition in router.PartitionsAsync(session, cancellation))
            {
                var union = United(partition, name);
                if (seen.Add(union))
                    yield return union;
            }
        }
    }

    public override void Inject(RequestParts parts, Partition partition, ExpressionContext context)
    {
        foreach (var router in routers)
            router.Inject(parts, partition, context);
    }

    private static Partition United(Partition partition, string name)
    {
        var own = partition.Fields.Has(name) ? name : partition.Fields.Keys.FirstOrDefault(key => key != "parent_slice") ?? name;
        var extra = partition.Extra?.Copy() ?? new ValueMap();
        foreach (var (key, value) in partition.Fields)
        {
            if (key != own)
                extra.Set(key, value);
        }

        return new Partition(new ValueMap().Set(name, partition.Fields[own]), extra.Count == 0 ? null : extra) { FirstPage = partition.FirstPage };
    }
}
