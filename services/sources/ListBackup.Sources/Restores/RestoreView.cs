using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A restore as the API shows it: what was asked, the plan in numbers, the progress.</summary>
public sealed record RestoreView
{
    public required long Seq { get; init; }
    public ConnectionId? TargetConnectionId { get; init; }
    public required RestoreKind Kind { get; init; }
    public required ConflictRule Conflicts { get; init; }
    public required DeletedConsent ConsentOfDeleted { get; init; }
    public required AddedItems AddedItems { get; init; }
    /// <summary>What becomes of single fields, by JSON Pointer; absent when nothing was said of them.</summary>
    public IReadOnlyDictionary<string, FieldRule>? Fields { get; init; }

    /// <summary>What becomes of the others then.</summary>
    public FieldRule? OtherFields { get; init; }
    public required IReadOnlyList<string> Streams { get; init; }
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The newest snapshot when it was planned; absent when every record is looked up on the platform.</summary>
    public long? BaseSeq { get; init; }
    public required RestorePlanView Plan { get; init; }
    /// <summary>Whoever planned it may not approve it.</summary>
    public bool NeedsSecondPerson { get; init; }
    public DateTimeOffset? ApprovedAt { get; init; }
    public string? ApprovedBy { get; init; }
    public RunId? SafetyRunId { get; init; }
    public long? SafetySeq { get; init; }
    public required ApplyProgress Applied { get; init; }
    public UndoProgress? Undo { get; init; }

    public static RestoreView Of(RestoreDetail restore) => new()
    {
        Seq = restore.Seq,
        TargetConnectionId = restore.TargetConnectionId,
        Kind = restore.Selection.Kind,
        Conflicts = restore.Conflicts,
        ConsentOfDeleted = restore.ConsentOfDeleted,
        AddedItems = restore.AddedItems,
        Fields = restore.Fields?.Named,
        OtherFields = restore.Fields?.Others,
        Streams = restore.Streams,
        Warnings = [.. restore.Warnings, .. restore.Plan.Warnings],
        BaseSeq = restore.BaseSeq,
        Plan = RestorePlanView.Of(restore),
        NeedsSecondPerson = restore.NeedsSecondPerson,
        ApprovedAt = restore.ApprovedAt,
        ApprovedBy = restore.ApprovedBy,
        SafetyRunId = restore.SafetyRunId,
        SafetySeq = restore.SafetySeq,
        Applied = restore.Apply,
        Undo = restore.Undo,
    };
}

/// <summary>The plan in numbers, and what carrying it out costs at the platform.</summary>
public sealed record RestorePlanView
{
    public DateTimeOffset? PlannedAt { get; init; }
    public required long Items { get; init; }
    public required long Creates { get; init; }
    public required long Updates { get; init; }
    public required long Same { get; init; }
    public required long Skips { get; init; }

    /// <summary>Items that set, at the end, references that a creation had to leave out because records refer to each other in a circle.</summary>
    public required long SecondWrites { get; init; }

    /// <summary>Records that must not be made anew: the platform could only forget a no that they hold. Each item says why.</summary>
    public required long Refused { get; init; }

    /// <summary>Records that come back without a yes that the snapshot has, because they were deleted since.</summary>
    public required long WithoutConsent { get; init; }

    /// <summary>Records that are made anew with their yes, because the restore was asked to bring it back.</summary>
    public required long WithConsent { get; init; }

    /// <summary>Requests so far, for looking: one may be about many records.</summary>
    public required long Lookups { get; init; }

    /// <summary>Requests that applying makes: it looks at each record once more and writes it, many in one request where the platform takes them so.</summary>
    public required long Calls { get; init; }

    /// <summary>How long these take at the pace of the lookups; absent before the first.</summary>
    public double? Minutes { get; init; }

    public static RestorePlanView Of(RestoreDetail restore)
    {
        var plan = restore.Plan;
        var calls = (long)Math.Ceiling(plan.Calls);
        return new()
        {
            PlannedAt = restore.PlannedAt,
            Items = plan.Items,
            Creates = plan.Creates,
            Updates = plan.Updates,
            Same = plan.Same,
            Skips = plan.Skips,
            SecondWrites = plan.SecondWrites,
            Refused = plan.Refused,
            WithoutConsent = plan.WithoutConsent,
            WithConsent = plan.WithConsent,
            Lookups = plan.Lookups,
            Calls = calls,
            Minutes = plan.Lookups == 0 ? null : Math.Round(calls * (plan.LookupSeconds / plan.Lookups) / 60, 1),
        };
    }
}
