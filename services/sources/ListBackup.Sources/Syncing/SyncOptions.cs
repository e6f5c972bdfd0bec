namespace ListBackup.Sources;

/// <summary>How a worker spends its time.</summary>
public sealed record SyncOptions
{
    /// <summary>It stops reading this long before its deadline, to save a draft and send its follow-up.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Drafts write objects, so they are seldom; what a kill -9 costs is at most this much reading.</summary>
    public TimeSpan DraftEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Progress, lease and the question whether the run was cancelled.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A worker that showed nothing for this long is taken for dead. A live one shows itself three times in it, however long a page takes.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stream waits before it asks again whether the others of its group are read.</summary>
    public TimeSpan GroupPause { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Deliveries in a row without a page before a stream is given up for this run.</summary>
    public int FailuresMax { get; init; } = 12;

    /// <summary>
    /// How long after it was queued a run may still wait for the platform's next day, where the customer gives backups only a share of the daily quota. A stream
    /// that would wait longer ends as far as it came. Long, because the first backup of a large account may need many days of a small share.
    /// </summary>
    public TimeSpan HeldMax { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Of each source, at least so many bytes of backups are read and checked in a day; of a large one as many as it takes to have read all <see cref="VerifyAllWithin"/>.</summary>
    public long VerifyBytesMin { get; init; } = 256L * 1024 * 1024;

    public TimeSpan VerifyAllWithin { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often everything in the newest snapshot is restored into nothing.</summary>
    public TimeSpan DrillEvery { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Self-hosted, one process holds the data folder alone: whoever showed himself last before this moment is dead. Null where workers are many.</summary>
    public DateTimeOffset? AloneSince { get; init; }

    /// <summary>Whether nobody alive can hold a lease of that length which ends then.</summary>
    internal bool IsFree(DateTimeOffset? until, TimeSpan lease, DateTimeOffset now) => until is null || until <= now || until - lease < AloneSince;
}
