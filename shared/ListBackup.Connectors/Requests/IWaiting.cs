namespace ListBackup.Connectors.Requests;

/// <summary>How the engine passes time. A test returns at once and remembers; a worker may save its progress first.</summary>
public interface IWaiting
{
    /// <summary>Returns when the time is over; throws <see cref="OperationCanceledException"/> when cancelled.</summary>
    ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation);
}

public enum WaitReason
{
    /// <summary>Before a retry of a failed request.</summary>
    Retry,

    /// <summary>The platform asked for it.</summary>
    RateLimit,

    /// <summary>The shared budget or the manifest's own budget is spent.</summary>
    Budget,

    /// <summary>Between two questions whether an asynchronous job is done.</summary>
    Poll,
}

internal sealed class ClockWaiting(TimeProvider clock) : IWaiting
{
    public async ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation) =>
        await Task.Delay(delay, clock, cancellation);
}
