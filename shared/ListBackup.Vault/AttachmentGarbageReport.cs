namespace ListBackup.Vault;

/// <summary>What a collection of attachments did, or would do.</summary>
public sealed record AttachmentGarbageReport
{
    /// <summary>The plan that waits to be carried out; null when there is none.</summary>
    public long? PlanSeq { get; init; }

    /// <summary>Names of the attachments that it gives up; in a dry run without a plan: that the next would.</summary>
    public IReadOnlyList<string> Planned { get; init; } = [];

    /// <summary>When it is due; null when there is none.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Names of the attachments that were deleted.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Names that the plan gave up and that are still there: records refer to them after all, or the store does not let them go. A later plan names them again when nothing refers to them.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Runs with attachments are at work, and what they have stored no snapshot names yet: nothing new was planned.</summary>
    public bool IsWaitingForRuns { get; init; }
}
