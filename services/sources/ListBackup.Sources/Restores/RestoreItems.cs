using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>The items of a restore: its plan with the outcome of each record, and the id map of its source.</summary>
public sealed class RestoreItems(IItemStore items)
{
    /// <summary>Writes that are under way at once. A store of our own commits together what waits, so a hundred cost little more than one.</summary>
    private const int UnderWayMax = 100;

    public async Task<Stored<PlanItem>> GetAsync(JobId job, long number, CancellationToken cancellation) =>
        await items.FindAsync(SourceKeys.PlanItem(job, number), SourceItemsJson.Default.PlanItem, cancellation)
            ?? throw new InvalidDataException($"Item {number} of restore {job} is missing.");

    /// <summary>Writes items of a plan, and items that are kept for its end. When this fails, any of them may have been written.</summary>
    /// <param name="job">The restore.</param>
    /// <param name="planned">Each at its number.</param>
    /// <param name="kept">Each with its place among those that are kept.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task PutAsync(JobId job, IEnumerable<PlanItem> planned, IEnumerable<(long Place, PlanItem Item)> kept, CancellationToken cancellation)
    {
        var all = planned.Select(item => Item(job, item)).Concat(kept.Select(item => ItemJson.Item(SourceKeys.KeptItem(job, item.Place), item.Item, SourceItemsJson.Default.PlanItem)));
        foreach (var some in all.Chunk(UnderWayMax)) await Task.WhenAll(some.Select(item => items.PutAsync(item, Condition.None, cancellation)));
    }

    public async Task<PlanItem> KeptAsync(JobId job, long place, CancellationToken cancellation) =>
        (await items.FindAsync(SourceKeys.KeptItem(job, place), SourceItemsJson.Default.PlanItem, cancellation))?.Value
            ?? throw new InvalidDataException($"Kept item {place} of restore {job} is missing.");

    /// <summary>Writes an item under its version: whoever lost the job to another delivery cannot write over its work.</summary>
    public async Task<Stored<PlanItem>> ReplaceAsync(JobId job, Stored<PlanItem> before, PlanItem after, CancellationToken cancellation)
    {
        var written = await items.PutAsync(Item(job, after), Condition.VersionIs(before.Version), cancellation);
        return new(after, written.Version, before.Key);
    }

    /// <summary>The outcome of a record and, when it lives under another id now, its new id; together.</summary>
    /// <param name="keepsSameId">Keeps the id of a created record even if it is the old one, so that records that refer to it know that it is there.</param>
    public async Task SettleAsync(Job job, ConnectionId connection, Stored<PlanItem> before, PlanItem after, string oldId, bool keepsSameId, CancellationToken cancellation)
    {
        var writes = new List<ItemWrite> { ItemWrite.Putting(Item(job.Id, after), Condition.VersionIs(before.Version)) };
        if (after.LiveId is { } id && (id != oldId || keepsSameId && after.State == ItemState.Created))
        {
            writes.Add(ItemWrite.Putting(Item(job, connection, new(after.Stream, oldId, id))));
        }
        await items.TransactAsync(writes, cancellation);
    }

    /// <summary>Keeps where a record lives now, for this restore and all later ones. A look-up told so, whatever becomes of the plan.</summary>
    public Task MapAsync(Job job, ConnectionId connection, NewId id, CancellationToken cancellation) => items.PutAsync(Item(job, connection, id), Condition.None, cancellation);

    public async Task<IReadOnlyList<PlanItem>> PageAsync(JobId job, long from, int limit, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(job),
            SortFrom = SourceKeys.PlanItem(job, from).Sort,
            SortTo = SourceKeys.PlanItem(job, from + limit - 1).Sort,
            Limit = limit,
        }, cancellation);
        return [.. page.Items.Select(item => ItemJson.Read(item, SourceItemsJson.Default.PlanItem).Value)];
    }

    /// <summary>The ids that a record and what it refers to live under now, where they differ from the backup's.</summary>
    public async Task<KnownIds> IdsAsync(SourceId source, ConnectionId connection, IEnumerable<RecordName> names, CancellationToken cancellation)
    {
        var map = new KnownIds();
        foreach (var name in names.Distinct())
        {
            var found = await items.FindAsync(SourceKeys.NewId(source, connection, name.Stream, name.Key), SourceItemsJson.Default.NewId, cancellation);
            if (found is not null) map.Add(name, found.Value.Id);
        }
        return map;
    }

    private static Item Item(JobId job, PlanItem item) => ItemJson.Item(SourceKeys.PlanItem(job, item.Number), item, SourceItemsJson.Default.PlanItem);

    private static Item Item(Job job, ConnectionId connection, NewId id) => ItemJson.Item(SourceKeys.NewId(job.SourceId, connection, id.Stream, id.OldId), id, SourceItemsJson.Default.NewId);
}
