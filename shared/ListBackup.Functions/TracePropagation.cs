using System.Diagnostics;

namespace ListBackup.Functions;

/// <summary>
/// Lets our own spans exist where nobody collects them: ids of a trace then go through the queues and stand in the log all the same, which costs a few objects per message.
/// </summary>
public static class TracePropagation
{
    private static readonly Lazy<ActivityListener> Listener = new(() =>
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("ListBackup", StringComparison.Ordinal),
            // What is recorded and sent is the collector's decision; this one only wants ids.
            Sample = (ref _) => ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    });

    /// <summary>From now on, for the life of the process.</summary>
    public static void Start() => _ = Listener.Value;
}
