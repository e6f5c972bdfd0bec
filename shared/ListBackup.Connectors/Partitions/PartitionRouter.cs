using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Partitions;

/// <summary>Tells the partitions of a stream.</summary>
internal abstract class PartitionRouter
{
    public static PartitionRouter Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(ListPartitionRouter) => ListPartitionRouter.Parse(reader),
        nameof(SubstreamPartitionRouter) => SubstreamPartitionRouter.Parse(reader),
        nameof(GroupingPartitionRouter) => GroupingPartitionRouter.Parse(reader),
        nameof(UnionPartitionRouter) => UnionPartitionRouter.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <summary>One router, or the product of several.</summary>
    public static PartitionRouter? ParseAll(ComponentReader reader, string key)
    {
        var routers = reader.Components(key, nameof(ListPartitionRouter), Parse);

        return routers.Count switch { 0 => null, 1 => routers[0], _ => new CartesianProduct(routers) };
    }

    /// <summary>Streams that are read to find the partitions.</summary>
    public virtual IEnumerable<StreamProgram> Parents => [];

    public abstract IAsyncEnumerable<Partition> PartitionsAsync(Session session, CancellationToken cancellation);

    /// <summary>Adds what the request needs to be about this partition.</summary>
    public abstract void Inject(RequestParts parts, Partition partition, ExpressionContext context);
}
