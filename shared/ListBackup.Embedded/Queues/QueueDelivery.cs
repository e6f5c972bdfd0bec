using System.Diagnostics;
using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded;

/// <summary>One delivery of a message to its handler: keeps the claim while the handler runs, then deletes the message, gives it back or buries it.</summary>
internal sealed class QueueDelivery(SqliteQueues queues, IServiceScopeFactory scopes, QueuePumpOptions options, DeliveryMetrics metrics, TimeProvider time, ILogger<QueueDelivery> logger)
{
    private const int RetryDelayGrowth = 4;
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromMinutes(5);

    private static readonly ActivitySource Tracing = new(EmbeddedTelemetry.QueuesSource);

    public async Task DeliverAsync(QueueHandler handler, Claim claim, CancellationToken stopping)
    {
        using var trace = Tracing.StartActivity($"process {claim.Queue}", ActivityKind.Consumer, claim.Trace);
        using var ids = logger.BeginScope(CorrelationIds.Of($"{claim.Queue}", $"{claim.Id}", claim.Body));
        var begun = time.GetTimestamp();
        using var late = new CancellationTokenSource(options.HandlingTime + options.DeadlineGrace, time);
        using var handling = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
        using var ended = new CancellationTokenSource();
        var prolonging = ProlongAsync(claim, handling.Token, ended.Token);

        var failure = await HandleAsync(handler, claim, handling.Token);

        trace?.SetStatus(failure is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, failure?.GetType().Name);
        await ended.CancelAsync();
        await prolonging;
        metrics.Handled(claim, failure, time.GetElapsedTime(begun));
        await SettleAsync(claim, failure, stopping);
    }

    private async Task<Exception?> HandleAsync(QueueHandler handler, Claim claim, CancellationToken cancellation)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var deadline = time.GetUtcNow() + options.HandlingTime;
            await handler.Create(scope.ServiceProvider).HandleAsync(new QueueMessage($"{claim.Id}", claim.Body, claim.Receives), deadline, cancellation);
            return null;
        }
        catch (Exception failure)
        {
            // One of the places that catch everything: whatever a handler throws, its message is given back and the reason logged.
            return failure;
        }
    }

    private async Task SettleAsync(Claim claim, Exception? failure, CancellationToken stopping)
    {
        try
        {
            if (failure is null)
            {
                await queues.CompleteAsync(claim, CancellationToken.None);
            }
            else if (failure is OperationCanceledException && stopping.IsCancellationRequested)
            {
                await queues.ReleaseAsync(claim, CancellationToken.None);
            }
            else
            {
                Log(claim, failure);
                await queues.FailAsync(claim, RetryDelay(claim.Tries), failure.GetType().Name, CancellationToken.None);
            }
        }
        catch (Exception outage) when (outage is StorageException or ObjectDisposedException)
        {
            // Not settled means delivered again after the visibility time-out, or at the next start.
            logger.LogError(outage, "Message {Id} of {Queue} could not be settled; it will be delivered again", claim.Id, claim.Queue);
        }
    }

    private async Task ProlongAsync(Claim claim, CancellationToken handling, CancellationToken ended)
    {
        using var beat = new PeriodicTimer(options.Visibility / 3, time);
        // A handler that was told to stop and goes on anyway loses its claim in the end, so that the message is not stuck with it.
        using var until = CancellationTokenSource.CreateLinkedTokenSource(handling, ended);
        try
        {
            while (await beat.WaitForNextTickAsync(until.Token))
            {
                if (!await queues.ExtendAsync(claim, options.Visibility, until.Token)) return;
            }
        }
        catch (OperationCanceledException)
        {
            // The handler is done.
        }
        catch (StorageException outage)
        {
            logger.LogError(outage, "The claim on message {Id} of {Queue} could not be prolonged; it may be delivered again meanwhile", claim.Id, claim.Queue);
        }
    }

    private void Log(Claim claim, Exception failure)
    {
        if (claim.Tries >= QueueRules.ReceivesMax)
            logger.LogError(failure, "Message {Id} of {Queue} failed for the last time and lies among the dead letters", claim.Id, claim.Queue);
        else
            logger.LogWarning(failure, "Message {Id} of {Queue} failed at delivery {Receives}; it is delivered again", claim.Id, claim.Queue, claim.Receives);
    }

    private TimeSpan RetryDelay(int tries)
    {
        var delay = options.RetryDelay * Math.Pow(RetryDelayGrowth, tries - 1);
        return delay < RetryDelayMax ? delay : RetryDelayMax;
    }
}
