using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ListBackup.Embedded;

/// <summary>Ticks the scheduled handlers: at the start, then by their period. Each has a loop of its own, so no tick overlaps the one before or waits for another's.</summary>
internal sealed class ScheduleTimer(IEnumerable<ScheduledHandler> handlers, IServiceScopeFactory scopes, TimeProvider time, ILogger<ScheduleTimer> logger) : BackgroundService
{
    // As on AWS, where a function may run 15 minutes.
    private static readonly TimeSpan TickTimeMax = TimeSpan.FromMinutes(14);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(handlers.Select(handler => Task.Run(() => TickAsync(handler, stoppingToken), CancellationToken.None)));

    private async Task TickAsync(ScheduledHandler handler, CancellationToken stopping)
    {
        // A tick that falls due while one runs is kept for its end; further ones are dropped.
        using var timer = new PeriodicTimer(handler.Period, time);
        try
        {
            do await TickOnceAsync(handler, stopping);
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task TickOnceAsync(ScheduledHandler handler, CancellationToken stopping)
    {
        using var late = new CancellationTokenSource(TickTimeMax + TimeSpan.FromMinutes(1), time);
        using var ticking = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await handler.Create(scope.ServiceProvider).TickAsync(time.GetUtcNow() + TickTimeMax, ticking.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // One of the places that catch everything: the next tick looks at the state again.
            logger.LogError(failure, "The tick of {Handler} failed; the next is due within {Period}", handler.Name, handler.Period);
        }
    }
}
