using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Embedded.Tests.Queues;

/// <summary>A running pump, composed as <c>AddEmbeddedPorts</c> composes it.</summary>
internal sealed class PumpOnDatabase(ServiceProvider services, QueuePump pump) : IAsyncDisposable
{
    public static async Task<PumpOnDatabase> StartAsync(IServiceCollection services, SqliteQueues queues, TimeProvider time)
    {
        var provider = services.AddSingleton(queues).AddSingleton(time).AddSingleton(new QueuePumpOptions())
            .AddMetrics().AddSingleton<DeliveryMetrics>().AddSingleton<QueueDelivery>().AddSingleton<QueuePump>().BuildServiceProvider();
        var pump = provider.GetRequiredService<QueuePump>();
        await pump.StartAsync(CancellationToken.None);
        return new(provider, pump);
    }

    private Task? _stopping;

    public Task StopAsync() => _stopping ??= pump.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await services.DisposeAsync();
    }
}
