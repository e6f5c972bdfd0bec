namespace ListBackup.Embedded;

/// <summary>The names that telemetry listens to.</summary>
public static class EmbeddedTelemetry
{
    /// <summary>Activity source: one span per delivery of a message, child of the one that sent it.</summary>
    public const string QueuesSource = "ListBackup.Queues";

    /// <summary>Meter: depth and age of the queues, deliveries and the time they take.</summary>
    public const string QueuesMeter = "ListBackup.Queues";
}
