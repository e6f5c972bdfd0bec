namespace ListBackup.Embedded;

/// <summary>How the pump treats its handlers. The defaults suit one machine; tests shorten them.</summary>
public sealed record QueuePumpOptions
{
    /// <summary>How long a crashed handler's message stays invisible. A living handler's is prolonged at every third of it.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What a handler has for one message: the deadline it is told. On AWS a function's time limit; the same here, so that both shapes work alike.</summary>
    public TimeSpan HandlingTime { get; init; } = TimeSpan.FromMinutes(14);

    /// <summary>After its deadline a handler has this long to save what it has before it is cancelled.</summary>
    public TimeSpan DeadlineGrace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When the process stops, handlers have this long to finish before they are cancelled. Less than the host's own time to shut down.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Before a failed message is delivered again; four times longer after each failure.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);
}
