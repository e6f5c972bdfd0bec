using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>Removes expired items by the timer.</summary>
internal sealed class SqliteSweeper(SqliteItems items) : IScheduledHandler
{
    public Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation) => items.SweepAsync(cancellation);
}
