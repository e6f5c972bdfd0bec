namespace ListBackup.Connectors.Requests;

/// <summary>
/// Holds all requests of a session back while one of them waits as the platform has asked, and lets fewer of them go at once from then on. A platform that
/// refuses one request for rate would refuse the others, too.
/// </summary>
internal sealed class Pace
{
    private readonly Lock _lock = new();
    private int _waiting;
    private TaskCompletionSource _open = Opened();

    /// <summary>Most requests at once: halved by each refusal, never less than one.</summary>
    public int AtOnceMax { get; private set; } = int.MaxValue;

    /// <summary>Returns when nobody waits.</summary>
    public Task PassAsync(CancellationToken cancellation)
    {
        lock (_lock)
            return _open.Task.IsCompleted ? Task.CompletedTask : _open.Task.WaitAsync(cancellation);
    }

    /// <param name="atOnce">How many requests may have been under way.</param>
    public void Slow(int atOnce)
    {
        lock (_lock)
            AtOnceMax = Math.Max(1, Math.Min(AtOnceMax, atOnce) / 2);
    }

    /// <summary>Holds the others until the work, which is a wait, is over.</summary>
    public async Task HoldAsync(Func<Task> wait)
    {
        lock (_lock)
        {
            if (_waiting++ == 0)
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            await wait();
        }
        finally
        {
            lock (_lock)
            {
                if (--_waiting == 0)
                    _open.SetResult();
            }
        }
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();

        return opened;
    }
}
