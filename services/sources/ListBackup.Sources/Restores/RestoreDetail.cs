using System.Text.Json.Serialization;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A restore's part of its job: what was asked, how far planning, applying and undoing have come.</summary>
public sealed record RestoreDetail
{
    /// <summary>The snapshot whose records are brought back.</summary>
    public required long Seq { get; init; }

    /// <summary>Where to; null: the source's own connection.</summary>
    public ConnectionId? TargetConnectionId { get; init; }

    public required RestoreSelection Selection { get; init; }

    /// <summary>What happens to a live record that was changed since the last backup: what nobody has backed up is not overwritten unless asked.</summary>
    public ConflictRule Conflicts { get; init; }

    public DeletedConsent ConsentOfDeleted { get; init; }

    public AddedItems AddedItems { get; init; }

    /// <summary>What becomes of single fields; null: all are restored.</summary>
    public RestoreFields? Fields { get; init; }

    /// <summary>In the order of writing.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The newest snapshot when the plan was made: the base of the three-way comparison. Null: every record is looked up.</summary>
    public long? BaseSeq { get; init; }

    public PlanProgress Plan { get; init; } = new();

    /// <summary>Who asked for the plan, also where they did it by an API key of theirs. Null: planned before this was kept.</summary>
    public UserId? PlannedBy { get; init; }

    /// <summary>The account demanded, when it was planned, that somebody else approves it.</summary>
    public bool NeedsSecondPerson { get; init; }

    public DateTimeOffset? PlannedAt { get; init; }

    public string? ApprovedBy { get; init; }

    public DateTimeOffset? ApprovedAt { get; init; }

    /// <summary>The run that makes the snapshot for an undo, and the snapshot.</summary>
    public RunId? SafetyRunId { get; init; }

    public long? SafetySeq { get; init; }

    public ApplyProgress Apply { get; init; } = new();

    public UndoProgress? Undo { get; init; }
}

/// <summary>Which records of the snapshot.</summary>
public sealed record RestoreSelection
{
    public required RestoreKind Kind { get; init; }

    /// <summary>Kind records.</summary>
    public IReadOnlyList<RecordName>? Records { get; init; }

    /// <summary>Kinds streams and deletions; absent with deletions: all streams.</summary>
    public IReadOnlyList<string>? Streams { get; init; }
}

public sealed record RecordName(string Stream, string Key);

[JsonConverter(typeof(JsonStringEnumConverter<RestoreKind>))]
public enum RestoreKind
{
    /// <summary>The named records.</summary>
    [JsonStringEnumMemberName("records")] Records,
    /// <summary>What was deleted since the snapshot.</summary>
    [JsonStringEnumMemberName("deletions")] Deletions,
    /// <summary>What was deleted or changed since the snapshot, in some streams.</summary>
    [JsonStringEnumMemberName("streams")] Streams,
    /// <summary>What was deleted or changed since the snapshot.</summary>
    [JsonStringEnumMemberName("everything")] Everything,
}

[JsonConverter(typeof(JsonStringEnumConverter<ConflictRule>))]
public enum ConflictRule
{
    [JsonStringEnumMemberName("skip")] Skip,
    [JsonStringEnumMemberName("overwrite")] Overwrite,
}

/// <summary>What becomes of elements of a live record's sets (its tags) that the snapshot does not have.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AddedItems>))]
public enum AddedItems
{
    /// <summary>They stay: somebody or something added them since, as where a tag says that a person does not want to be called.</summary>
    [JsonStringEnumMemberName("keep")] Keep,
    /// <summary>They are taken out: the sets become exactly what they were.</summary>
    [JsonStringEnumMemberName("remove")] Remove,
}

/// <summary>What becomes of the consent of people who were deleted since the snapshot and are made anew. What they said before they were deleted may never have been backed up.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeletedConsent>))]
public enum DeletedConsent
{
    /// <summary>They come back without a yes.</summary>
    [JsonStringEnumMemberName("withhold")] Withhold,
    /// <summary>They come back with the consent of the snapshot, or the stricter one of a later snapshot.</summary>
    [JsonStringEnumMemberName("bringBack")] BringBack,
}

/// <summary>How far the planner has come; saved together, so that a repeated step counts nothing twice.</summary>
public sealed record PlanProgress
{
    /// <summary>Index into the streams.</summary>
    public int StreamIndex { get; init; }

    /// <summary>Candidates of that stream that are done with.</summary>
    public long Taken { get; init; }

    /// <summary>Plan items written; their numbers are 0 to this, exclusive.</summary>
    public long Items { get; init; }
    public long Creates { get; init; }
    public long Updates { get; init; }

    /// <summary>Records that are as they were: nothing to do.</summary>
    public long Same { get; init; }

    /// <summary>Records that are left alone for a reason.</summary>
    public long Skips { get; init; }

    /// <summary>Items that complete records created before them; not among the updates.</summary>
    public long SecondWrites { get; init; }

    /// <summary>Items kept for the end of the plan, and how many of them are in it.</summary>
    public long Kept { get; init; }
    public long KeptTaken { get; init; }

    /// <summary>What planning found out that a person should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Records that must not be made anew.</summary>
    public long Refused { get; init; }

    /// <summary>Records that come back without a yes that the snapshot has.</summary>
    public long WithoutConsent { get; init; }

    /// <summary>Records that are made anew with a yes, because the restore was asked for it.</summary>
    public long WithConsent { get; init; }

    /// <summary>Requests that looking took.</summary>
    public long Lookups { get; init; }

    /// <summary>Time spent in lookups, for the estimate.</summary>
    public double LookupSeconds { get; init; }

    /// <summary>Requests that applying makes in the streams that are planned, as far as can be told beforehand.</summary>
    public double Calls { get; init; }

    /// <summary>Of the stream that is being planned: records looked up, the requests for them, and writes to come.</summary>
    public long StreamLooked { get; init; }
    public long StreamLookups { get; init; }
    public long StreamWrites { get; init; }

    public PlanProgress LookedUp(int records, long requests, TimeSpan time) => this with
    {
        Lookups = Lookups + requests,
        LookupSeconds = LookupSeconds + time.TotalSeconds,
        StreamLooked = StreamLooked + records,
        StreamLookups = StreamLookups + requests,
    };

    /// <summary>
    /// Goes on to the next stream. Applying this one looks at what it writes once more, for as many requests as planning took for as many, and writes it; each as many
    /// together as the platform takes, and alone where they refer to one another.
    /// </summary>
    public PlanProgress StreamDone(RestoreStreamInfo info)
    {
        var isAlone = info.References.Any(reference => reference.Stream == info.Name);
        var looks = StreamLooked == 0 ? 0 : (double)StreamLookups * Requests(StreamWrites, isAlone ? 1 : info.FindSize) / Requests(StreamLooked, info.FindSize);
        return this with
        {
            StreamIndex = StreamIndex + 1,
            Taken = 0,
            Calls = Calls + looks + Requests(StreamWrites, isAlone ? 1 : info.BatchSize),
            StreamLooked = 0,
            StreamLookups = 0,
            StreamWrites = 0,
        };
    }

    private static long Requests(long records, int size) => (records + size - 1) / size;
}

/// <summary>How far applying has come: every item below <see cref="NextNumber"/> is counted.</summary>
public sealed record ApplyProgress
{
    public long NextNumber { get; init; }
    public long Created { get; init; }
    public long Updated { get; init; }

    /// <summary>Second writes that were done; their records are counted where they were created.</summary>
    public long Completed { get; init; }

    /// <summary>Nothing was sent: it was so already, or the platform's state had moved on since the plan.</summary>
    public long Left { get; init; }
    public long Refused { get; init; }

    /// <summary>Sent, without an answer, on a platform where that cannot be found out.</summary>
    public long Uncertain { get; init; }
}

/// <summary>How far undoing has come: every item at or above <see cref="NextNumber"/> is counted.</summary>
public sealed record UndoProgress
{
    public required long NextNumber { get; init; }
    public required string RequestedBy { get; init; }
    public long Undone { get; init; }

    /// <summary>What could not be taken back; each item says why.</summary>
    public long NotUndone { get; init; }
}
