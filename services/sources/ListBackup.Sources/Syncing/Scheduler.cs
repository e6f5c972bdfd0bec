using ListBackup.Domain;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>Every minute: starts the sources that are due.</summary>
public sealed class Scheduler(IItemStore items, StartRun start, TimeProvider clock, ILogger<Scheduler> log) : IScheduledHandler
{
    private const int PageSize = 100;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var due = new ItemQuery { Table = Table.Sources, ByIndex = true, Partition = SourceKeys.DuePartition, SortTo = SourceKeys.TimeText(now) + "~", Limit = PageSize };
        await foreach (var item in items.AllAsync(due, cancellation))
        {
            // What is left stays due, and the next tick takes it.
            if (clock.GetUtcNow() > deadline - Margin) return;
            await TakeAsync(item.Key, now, cancellation);
        }
    }

    private async Task TakeAsync(ItemKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        // The index may lag behind: the item itself says whether it is due.
        if (await items.FindAsync(key, SourceItemsJson.Default.Source, cancellation) is not { } source) return;
        if (source.Value.DueIndex is null || source.Value.NextRunAt > now) return;

        var next = source.Value with { NextRunAt = source.Value.Schedule?.NextRun(now, source.Value.NextRunAt, source.Value.Id) };
        try
        {
            if (source.Value.CurrentRunId is { } live)
            {
                log.LogWarning("Source {Source} is due and its run {Run} has not ended; this turn is left out", source.Value.Id, live);
                await items.PutAsync(RunStore.SourceItem(next), Condition.VersionIs(source.Version), cancellation);
                return;
            }
            var run = start.New(source.Value, RunTrigger.Schedule, "system");
            await start.ClaimAsync(source, next with { CurrentRunId = run.Id }, run, cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another scheduler, or a person, was faster. If the source is still due, the next tick takes it.
        }
    }
}
