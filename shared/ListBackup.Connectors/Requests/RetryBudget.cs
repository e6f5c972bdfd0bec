namespace ListBackup.Connectors.Requests;

/// <summary>
/// Bounds the retries of a session: a fifth of its requests, above some that any session has. A platform that is down is thus not asked many times as
/// much as one that is well. Waits that a platform asks for (429) do not count, since they are its own wish.
/// </summary>
internal sealed class RetryBudget
{
    /// <summary>More than a short disturbance takes, and few enough to end soon in a long one.</summary>
    public const int AlwaysAllowed = 30;

    public const int RequestsPerRetry = 5;

    private readonly Lock _lock = new();
    private long _requests;
    private long _retries;

    /// <summary>Counts a request that is none of the retries.</summary>
    public void Sent() => Interlocked.Increment(ref _requests);

    /// <summary>Takes one retry, or says that there is none left.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_retries >= AlwaysAllowed + Interlocked.Read(ref _requests) / RequestsPerRetry)
                return false;
            _retries++;

            return true;
        }
    }
}
