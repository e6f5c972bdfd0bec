using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Every few minutes: looks after runs and jobs that show no sign of life. Its queue brings verifications.</summary>
public sealed class Maintenance(IItemStore items, RunSweeper runs, JobSweeper jobs, VerifyWorker verify, TimeProvider clock) : IScheduledHandler, IMessageHandler
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
        await foreach (var item in items.AllAsync(silent, cancellation))
        {
            if (clock.GetUtcNow() > deadline - Margin) return;
            if (item.Key.Sort.StartsWith("RUN#", StringComparison.Ordinal)) await runs.SweepAsync(item, cancellation);
            else if (item.Key.Sort.StartsWith("JOB#", StringComparison.Ordinal)) await jobs.SweepAsync(item, cancellation);
        }
    }

    public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation) =>
        verify.WorkAsync(RunMessages.Read(message, SourceItemsJson.Default.JobMessage), cancellation);
}
