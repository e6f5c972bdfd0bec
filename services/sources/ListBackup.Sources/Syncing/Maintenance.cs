using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Every minute: looks after runs and jobs that show no sign of life, and sends for the maintenance that is due. Its queue brings that, verifications and search indexes.</summary>
public sealed class Maintenance(IItemStore items, RunSweeper runs, JobSweeper jobs, MaintenanceQueue queue, VerifyWorker verify, SourceMaintainer maintainer, SearchIndexing indexing, TimeProvider clock) : IScheduledHandler, IMessageHandler
{
    private const int PageSize = 100;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        var silent = new ItemQuery
        {
            Table = Table.Sources,
            ByIndex = true,
            Partition = SourceKeys.LivePartition,
            SortTo = SourceKeys.TimeText(clock.GetUtcNow()) + "~",
            Limit = PageSize,
        };
        await queue.TickAsync(clock.GetUtcNow() + ((deadline - clock.GetUtcNow()) / 2), cancellation);
        await foreach (var item in items.AllAsync(silent, cancellation))
        {
            if (clock.GetUtcNow() > deadline - Margin) return;
            if (item.Key.Sort.StartsWith("RUN#", StringComparison.Ordinal)) await runs.SweepAsync(item, cancellation);
            else if (item.Key.Sort.StartsWith("JOB#", StringComparison.Ordinal)) await jobs.SweepAsync(item, cancellation);
        }
    }

    public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var work = RunMessages.Read(message, SourceItemsJson.Default.MaintenanceMessage);
        return work switch
        {
            { JobId: { } job } => verify.WorkAsync(new(work.AccountId, work.SourceId, job), cancellation),
            { Index: not null } => indexing.WorkAsync(work, deadline, cancellation),
            _ => maintainer.WorkAsync(work.SourceId, deadline, cancellation),
        };
    }
}
