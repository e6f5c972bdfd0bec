using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>
/// After each snapshot: brings the search indexes of the streams that it read up to it, so that nobody's first search looks at every record. An index is a convenience: what
/// cannot be indexed now is found by looking at one record after the other, and the next snapshot tries again.
/// </summary>
/// <remarks>Two deliveries at the same time do no harm: an index whose layers the other one removed is noticed when it is opened, and made anew.</remarks>
public sealed class SearchIndexing(IQueues queues, AccountVaults vaults, TimeProvider clock, ILogger<SearchIndexing> log)
{
    /// <summary>After so long the other accounts' turns come before the next stream.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeadlineMargin = TimeSpan.FromSeconds(20);

    /// <summary>Sent once a run has its snapshot; may be sent again.</summary>
    public Task SendAsync(AccountId account, SourceId source, CancellationToken cancellation) => SendAsync(new(account, source) { Index = "" }, cancellation);

    /// <summary>Indexes the streams behind the one that the message names, in the order of their names, as far as the turn goes.</summary>
    public async Task WorkAsync(MaintenanceMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var (turn, tried) = (clock.GetUtcNow() + TurnMax, (string?)null);
        using var late = new CancellationTokenSource(Left(deadline - DeadlineMargin), clock);
        using var lateOrStop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            var vault = await vaults.OpenAsync(message.AccountId, cancellation);
            foreach (var stream in await StreamsAsync(vault, message, cancellation))
            {
                tried = stream;
                await vault.UpdateSearchIndexAsync(message.SourceId.ToString(), stream, isFresh: false, lateOrStop.Token);
                if (clock.GetUtcNow() < turn) continue;
                await SendAsync(message with { Index = stream }, cancellation);
                return;
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            log.LogWarning("A search index of source {Source} takes longer to make than a worker has; searches look at its records one after the other", message.SourceId);
            // It would take as long the next time; the streams behind it have nothing to do with that.
            if (tried is not null) await SendAsync(message with { Index = tried }, cancellation);
        }
        catch (ObjectStoreFullException full)
        {
            log.LogWarning(full, "There is no room for the search index of source {Source}; searches look at its records one after the other", message.SourceId);
        }
        catch (VaultNotFoundException)
        {
            // The source's history is gone, or was never there: nothing is left to be found.
        }
    }

    /// <summary>What the newest snapshot read; the index of a stream that it did not read covers it as it is.</summary>
    private static async Task<IReadOnlyList<string>> StreamsAsync(BackupVault vault, MaintenanceMessage message, CancellationToken cancellation) =>
        await vault.FindNewestSnapshotAsync(message.SourceId.ToString(), cancellation) is not { } newest ? [] :
        [
            .. newest.Streams.Where(stream => stream.ReadSeq == newest.Seq).Select(stream => stream.Stream).Order(StringComparer.Ordinal)
                .SkipWhile(stream => string.CompareOrdinal(stream, message.Index) <= 0),
        ];

    private TimeSpan Left(DateTimeOffset until) => until > clock.GetUtcNow() ? until - clock.GetUtcNow() : TimeSpan.Zero;

    private Task SendAsync(MaintenanceMessage message, CancellationToken cancellation) =>
        queues.SendAsync(QueueName.Maintenance, JsonSerializer.Serialize(message, SourceItemsJson.Default.MaintenanceMessage), TimeSpan.Zero, cancellation);
}
