namespace ListBackup.Sources;

/// <summary>
/// The end of a plan that is decided and not yet stored. Items are stored before the progress that counts them; what a process takes with it before that is planned
/// again, under the same numbers. So they can be stored together, which costs a store of our own one write to the disk instead of one for each.
/// </summary>
internal sealed class PlanDraft(RestoreItems items, JobLease lease, TimeProvider clock)
{
    private const int SaveEvery = 100;

    /// <summary>Where a platform takes longer than this for so many, the plan is seen to grow nevertheless, and the lease is kept.</summary>
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(5);

    private readonly List<PlanItem> _items = [];
    private readonly List<(long Place, PlanItem Item)> _kept = [];
    private PlanProgress _saved = lease.Job.Restore!.Plan; // A restore job is made with it.
    private long _savedAt = clock.GetTimestamp();

    /// <summary>How far the plan has come, with all that is in the draft.</summary>
    public PlanProgress Progress { get; set; } = lease.Job.Restore!.Plan; // As above.

    public bool IsDue => Progress.Taken - _saved.Taken + Progress.KeptTaken - _saved.KeptTaken >= SaveEvery || clock.GetElapsedTime(_savedAt) >= SaveAfter;

    public void Add(PlanItem item) => _items.Add(item);

    /// <summary>Keeps an item for the end of the plan.</summary>
    public void Keep(long place, PlanItem item) => _kept.Add((place, item));

    /// <summary>Stores what is decided, then the progress. False: the job is somebody else's now, or was cancelled; then the items count nowhere.</summary>
    public async Task<bool> SaveAsync(CancellationToken cancellation)
    {
        // Whoever comes back after a long pause must not write over what another delivery has planned, or even applied, meanwhile.
        if (!await lease.KeepAsync(cancellation)) return false;
        await items.PutAsync(lease.Job.Id, _items, _kept, cancellation);
        if (!await lease.RenewAsync(job => job with { Restore = job.Restore! with { Plan = Progress } }, cancellation)) return false;
        _items.Clear();
        _kept.Clear();
        _saved = Progress;
        _savedAt = clock.GetTimestamp();
        return true;
    }
}
