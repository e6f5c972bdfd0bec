namespace ListBackup.Vault;

/// <summary>What a collection of garbage did, or would do.</summary>
public sealed record GarbageReport
{
    /// <summary>How long a plan waits, and how old an object must be to be planned, unless somebody says otherwise.</summary>
    public static readonly TimeSpan GraceDefault = TimeSpan.FromHours(24);

    /// <summary>The plan that waits to be carried out; null when there is none.</summary>
    public long? PlanSeq { get; init; }

    /// <summary>Names of the objects that it gives up; in a dry run without a plan: that the next would.</summary>
    public IReadOnlyList<string> Planned { get; init; } = [];

    /// <summary>When it is due; null when there is none.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Names of the objects that were deleted.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Names of objects that the store did not let go: they are locked. A later plan names them again.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Names of key files with keys that an erasure has forgotten: put by a writer that was cut off, late. They were deleted; in a dry run they would be.</summary>
    public IReadOnlyList<string> ForgottenKeyFiles { get; init; } = [];

    /// <summary>The newest commit that was made; null when none was.</summary>
    public Snapshot? Snapshot { get; init; }
}
