using System.Collections.Concurrent;
using ListBackup.Domain;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded;

/// <summary>
/// Feeds the handlers of the process: per queue one loop that claims as many messages as handlers are free, at once when one is sent, by timer when one is
/// delayed, and otherwise sleeps.
/// </summary>
internal sealed class QueuePump(
    SqliteQueues queues, IEnumerable<QueueHandler> handlers, QueueDelivery delivery, QueuePumpOptions options, TimeProvider time, ILogger<QueuePump> logger)
    : IHostedService, IAsyncDisposable
{
    // What a cancelled handler gets to come to its end before its message is given back without it.
    private static readonly TimeSpan CancelledHandlerTime = TimeSpan.FromSeconds(1);

    // A failing disk is asked again at this pace.
    private static readonly TimeSpan OutageDelay = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopReceiving = new();
    private readonly CancellationTokenSource _stopHandling = new();
    private readonly ConcurrentDictionary<Claim, Task> _inFlight = new(ReferenceEqualityComparer.Instance);
    private Task _receiving = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (handlers.GroupBy(handler => handler.Queue).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Queue {twice.Key} has {twice.Count()} handlers; a message would reach only one of them.");

        if (await queues.ReleaseDeadClaimsAsync(cancellation) is > 0 and var count)
            logger.LogInformation("{Count} messages were being handled when the process ended before; they are delivered again", count);
        _receiving = Task.WhenAll(handlers.Select(handler => Task.Run(() => ReceiveAsync(handler), CancellationToken.None)));
    }

    /// <summary>Receives no more, lets handlers finish, then cancels them. What is still unhandled becomes visible at once, as if never delivered.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stopReceiving.CancelAsync();
        await _receiving;
        if (await AllEndAsync(options.StopGrace, cancellation)) return;

        await _stopHandling.CancelAsync();
        if (await AllEndAsync(CancelledHandlerTime, CancellationToken.None)) return;

        foreach (var claim in _inFlight.Keys)
        {
            logger.LogWarning("Message {Id} of {Queue} is given back: its handler did not stop when asked", claim.Id, claim.Queue);
            await queues.ReleaseAsync(claim, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // After a StopAsync nothing runs any more; without one (a host that failed to start) the loops end here.
        await _stopReceiving.CancelAsync();
        await _stopHandling.CancelAsync();
        await _receiving;
        _stopReceiving.Dispose();
        _stopHandling.Dispose();
    }

    private async Task ReceiveAsync(QueueHandler handler)
    {
        var free = new SemaphoreSlim(handler.Concurrency);
        var stopping = _stopReceiving.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ReceiveOnceAsync(handler, free, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException outage)
            {
                logger.LogError(outage, "Queue {Queue} cannot be read; it is tried again in {Delay}", handler.Queue, OutageDelay);
                await Task.Delay(OutageDelay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReceiveOnceAsync(QueueHandler handler, SemaphoreSlim free, CancellationToken stopping)
    {
        await free.WaitAsync(stopping);
        var taken = 1;
        IReadOnlyList<Claim> claims = [];
        try
        {
            while (taken < handler.Concurrency && free.Wait(0, CancellationToken.None)) taken++;
            claims = await queues.ClaimAsync(handler.Queue, taken, options.Visibility, stopping);
        }
        finally
        {
            if (taken > claims.Count) free.Release(taken - claims.Count);
        }
        foreach (var claim in claims) Start(handler, claim, free);
        if (claims.Count == 0) await queues.WaitAsync(handler.Queue, stopping);
    }

    private void Start(QueueHandler handler, Claim claim, SemaphoreSlim free)
    {
        // Enters the table before it runs, so that it can leave it whenever it ends.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inFlight[claim] = ended.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                await delivery.DeliverAsync(handler, claim, _stopHandling.Token);
            }
            finally
            {
                _inFlight.TryRemove(claim, out _);
                free.Release();
                ended.SetResult();
            }
        }, CancellationToken.None);
    }

    private async Task<bool> AllEndAsync(TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(_inFlight.Values).WaitAsync(limit, time, cancellation);
            return true;
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}
