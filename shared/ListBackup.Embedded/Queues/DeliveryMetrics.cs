using System.Diagnostics.Metrics;
using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>How many messages were handled, how it ended, and how long it took.</summary>
internal sealed class DeliveryMetrics
{
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _time;

    public DeliveryMetrics(IMeterFactory meters)
    {
        // The factory disposes its meters.
        var meter = meters.Create(EmbeddedTelemetry.QueuesMeter);
        _deliveries = meter.CreateCounter<long>("listbackup.queue.deliveries", "{delivery}", "Deliveries by queue and outcome: done, failed, stopped (the process ended), buried.");
        _time = meter.CreateHistogram<double>("listbackup.queue.handling_time", "s", "How long handlers took, by queue.");
    }

    public void Handled(Claim claim, Exception? failure, TimeSpan took)
    {
        var outcome = failure switch
        {
            null => "done",
            OperationCanceledException => "stopped",
            _ when claim.Tries >= QueueRules.ReceivesMax => "buried",
            _ => "failed",
        };
        _deliveries.Add(1, new("queue", $"{claim.Queue}"), new("outcome", outcome));
        _time.Record(took.TotalSeconds, new KeyValuePair<string, object?>("queue", $"{claim.Queue}"));
    }
}
