using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace ListBackup.Embedded;

/// <summary>Depth and age of the queues, read from the database when a listener collects.</summary>
internal sealed class QueueMetrics(SqliteQueues queues, TimeProvider time, IMeterFactory meters) : IHostedService
{
    public Task StartAsync(CancellationToken cancellation)
    {
        // The factory disposes its meters.
        var meter = meters.Create(EmbeddedTelemetry.QueuesMeter);
        meter.CreateObservableGauge("listbackup.queue.messages", Messages, "{message}", "Messages by queue and state: visible, delayed, in_flight, dead.");
        meter.CreateObservableGauge("listbackup.queue.oldest_age", OldestAge, "s", "Age of the oldest living message by queue.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    private IEnumerable<Measurement<int>> Messages() =>
        from state in States()
        from measured in new[] { ("visible", state.Visible), ("delayed", state.Delayed), ("in_flight", state.InFlight), ("dead", state.Dead) }
        select new Measurement<int>(measured.Item2, new("queue", $"{state.Queue}"), new("state", measured.Item1));

    private IEnumerable<Measurement<double>> OldestAge() =>
        from state in States()
        let age = time.GetUtcNow() - state.OldestSentAt
        where age is not null
        select new Measurement<double>(age.Value.TotalSeconds, new KeyValuePair<string, object?>("queue", $"{state.Queue}"));

    // The instruments ask synchronously; the read runs on this thread anyway.
    private IReadOnlyList<QueueState> States() => queues.StatesAsync(CancellationToken.None).GetAwaiter().GetResult();
}
