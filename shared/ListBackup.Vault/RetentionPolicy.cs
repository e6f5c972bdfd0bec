namespace ListBackup.Vault;

/// <summary>
/// Which snapshots of a source are kept: all of some days, then the last of each day, week (from Monday), month and year, each so many times.
/// Times are UTC. A snapshot that any rule keeps is kept.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>Every snapshot of so many days is kept, counted back from the newest; at least <see cref="KeepAllDaysMin"/>.</summary>
    public int KeepAllDays { get; init; } = 30;

    /// <summary>The last snapshot of each of the newest so many days that have one.</summary>
    public int Daily { get; init; }

    /// <summary>The last snapshot of each of the newest so many weeks that have one.</summary>
    public int Weekly { get; init; }

    /// <summary>The last snapshot of each of the newest so many months that have one.</summary>
    public int Monthly { get; init; }

    /// <summary>The last snapshot of each of the newest so many years that have one.</summary>
    public int Yearly { get; init; }

    /// <summary>The newest so many snapshots are kept whatever their age; at least 1.</summary>
    public int MinSnapshots { get; init; } = 1;

    /// <summary>A run that has begun must find its base when it ends; no run lasts as long.</summary>
    public const int KeepAllDaysMin = 7;

    /// <summary>The most that any of the numbers may be: a hundred years of days.</summary>
    public const int CountMax = 36_525;
}

/// <summary>Keeps a snapshot, whatever the policy says.</summary>
/// <param name="Name">Unique in the source, 1 to 80 characters; for people, for example <c>lawsuit 17/2026</c>.</param>
/// <param name="Seq">The snapshot; null: every snapshot that is there.</param>
/// <param name="Since">When the hold was put.</param>
/// <param name="Until">When it ends by itself; null: when it is lifted.</param>
public sealed record SnapshotHold(string Name, long? Seq, DateTimeOffset Since, DateTimeOffset? Until = null);
