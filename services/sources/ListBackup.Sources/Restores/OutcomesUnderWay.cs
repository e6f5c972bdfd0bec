namespace ListBackup.Sources;

/// <summary>
/// Outcomes that are being stored while the next requests go out: a store of our own commits together what comes meanwhile. Only what may be repeated without harm is
/// done so, since a crash leaves several without their outcome.
/// </summary>
internal sealed class OutcomesUnderWay
{
    private readonly List<Task> _storing = [];

    public void Add(Task storing) => _storing.Add(storing);

    /// <summary>Asked before each request: throws what storing an outcome threw. Whoever lost the job to another delivery stops.</summary>
    public Task CheckAsync() => _storing.Find(task => task.IsFaulted) ?? Task.CompletedTask;

    /// <summary>Waits until all are stored, or throws.</summary>
    public Task EndAsync() => Task.WhenAll(_storing);
}
