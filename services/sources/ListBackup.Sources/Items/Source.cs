using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What is backed up through a connection, <c>ACC#id / SRC#id</c>; in the <c>due</c> index while it has a next run or announced changes.</summary>
public sealed record Source
{
    public const int NameLengthMax = 120;
    public const int TagsMax = 20;
    public const int TagLengthMax = 40;
    public const int StreamsMax = 500;

    public required SourceId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Name { get; init; }

    public required ConnectionId ConnectionId { get; init; }

    /// <summary>The connector of the connection, kept here so that a list need not open it.</summary>
    public required string Platform { get; init; }

    /// <summary>Which streams; null: all that the connection has, new ones included.</summary>
    public IReadOnlyList<StreamChoice>? Streams { get; init; }

    /// <summary>Null: runs only when somebody asks.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Null: everything is kept.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>A stream that is read by its cursor is also read in full this often, which is how deletions and changes without a trace are noticed.</summary>
    public int FullSweepDays { get; init; } = 7;

    public bool IsPaused { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? Group { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the scheduler starts it next; null when paused or without a schedule.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>Streams in which the platform announced changes that no run has begun to read.</summary>
    public IReadOnlyList<string> AnnouncedStreams { get; init; } = [];

    /// <summary>When a run begins to read them; null: there are none.</summary>
    public DateTimeOffset? AnnouncedRunAt { get; init; }

    /// <summary>When the last such run started.</summary>
    public DateTimeOffset? LastAnnouncedRunAt { get; init; }

    /// <summary>The one run that may be live.</summary>
    public RunId? CurrentRunId { get; init; }

    public RunId? LastRunId { get; init; }

    public RunState? LastRunState { get; init; }

    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>What a person can do about the last run; null when there is nothing to do.</summary>
    public Reason? LastReason { get; init; }

    public long? LastSnapshotSeq { get; init; }

    public DateTimeOffset? LastSnapshotAt { get; init; }

    /// <summary>Live records in the last snapshot.</summary>
    public long? LastRecords { get; init; }

    /// <summary>What its runs used, newest month first; null before the first run has ended.</summary>
    public IReadOnlyList<MonthUsage>? Usage { get; init; }

    /// <summary>The last snapshot had anomalies.</summary>
    public bool NeedsReview { get; init; }

    /// <summary>Runs in a row that made no snapshot.</summary>
    public int FailuresInARow { get; init; }

    /// <summary>When each stream was last read in full, by name.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> LastFullSweeps { get; init; } = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>The snapshots that wait for a person's decision; null: none does.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>Streams of which a person said that they really are empty; each holds until the stream was read whole again.</summary>
    public IReadOnlyList<string> MayBeEmpty { get; init; } = [];

    /// <summary>When bytes of its backups were last read and found whole.</summary>
    public DateTimeOffset? LastVerifiedAt { get; init; }

    /// <summary>Every byte was read and found whole since then; null until all were.</summary>
    public DateTimeOffset? AllVerifiedSince { get; init; }

    /// <summary>When everything in a snapshot was last restored into nothing.</summary>
    public DateTimeOffset? LastDrillAt { get; init; }

    /// <summary>When maintenance last came to its end.</summary>
    public DateTimeOffset? MaintainedAt { get; init; }

    /// <summary>Until when retention and holds keep the newest snapshot whatever else comes; null: no end, or not known yet.</summary>
    public DateTimeOffset? GuaranteedUntil { get; init; }

    /// <summary>The policy that maintenance applied last.</summary>
    public RetentionPolicy? RetentionApplied { get; init; }

    /// <summary>What a verification found damaged, until one of everything finds it whole.</summary>
    public Reason? Damage { get; init; }

    /// <summary>The last time that its schedule was missed.</summary>
    public MissedTurn? LastMissed { get; init; }

    /// <summary>Set when its owner deleted it; its history stays in the vault until the account's own rules remove it.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When the Scheduler looks at it next: its turn, or what was announced, whichever is first.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => IsPaused || DeletedAt is not null ? null : NextRunAt is null || AnnouncedRunAt < NextRunAt ? AnnouncedRunAt : NextRunAt;

    [JsonIgnore]
    public IndexKey? DueIndex => DueAt is { } at ? SourceKeys.Due(at, Id) : null;
}

/// <summary>Snapshots with severe anomalies. While a source has some, no older snapshot is let go.</summary>
/// <param name="Since">When the first of them was committed.</param>
/// <param name="LastGoodSeq">The snapshot before the first of them.</param>
/// <param name="Seqs">They, oldest first; the newest <see cref="SeqsMax"/>.</param>
public sealed record Quarantine(DateTimeOffset Since, long? LastGoodSeq, IReadOnlyList<long> Seqs)
{
    public const int SeqsMax = 200;
}

/// <summary>A snapshot's quarantine.</summary>
/// <param name="State">Whether somebody has decided, and what.</param>
/// <param name="By">Who; null while nobody has.</param>
/// <param name="At">When.</param>
/// <param name="Note">Why, in their words.</param>
public sealed record QuarantineReview(QuarantineState State, string? By = null, DateTimeOffset? At = null, string? Note = null);

[JsonConverter(typeof(JsonStringEnumConverter<QuarantineState>))]
public enum QuarantineState
{
    /// <summary>Nobody has decided yet; no older snapshot is let go.</summary>
    [JsonStringEnumMemberName("open")] Open,
    /// <summary>What looked unusual is as it should be.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted,
    /// <summary>It is not to be trusted; the snapshot before it was pinned.</summary>
    [JsonStringEnumMemberName("kept")] Kept,
}

/// <summary>A turn of the schedule that did not happen when it should have.</summary>
/// <param name="DueAt">When the first one was due.</param>
/// <param name="NoticedAt">When that was noticed.</param>
/// <param name="Turns">How many turns were left out for good; 0: the run came late.</param>
/// <param name="Message">What happened and what follows.</param>
public sealed record MissedTurn(DateTimeOffset DueAt, DateTimeOffset NoticedAt, long Turns, string Message);

/// <summary>A stream that is backed up, less the fields named: JSON Pointers such as <c>/password_hash</c>.</summary>
public sealed record StreamChoice(string Name, IReadOnlyList<string>? ExcludedFields = null);

/// <summary>
/// How many snapshots are kept, grandfather–father–son: the newest so many, and the last of each of so many hours, days, weeks, months and years (UTC). Maintenance applies it once a day.
/// Every snapshot of the newest seven days is kept in any case, and the newest complete one.
/// </summary>
public sealed record RetentionPolicy
{
    public int? KeepLast { get; init; }
    public int? KeepHourly { get; init; }
    public int? KeepDaily { get; init; }
    public int? KeepWeekly { get; init; }
    public int? KeepMonthly { get; init; }
    public int? KeepYearly { get; init; }

    /// <summary>As the vault knows it. It keeps all of some days, so that nothing is lost of the hours; at least <see cref="Vault.RetentionPolicy.KeepAllDaysMin"/>.</summary>
    public Vault.RetentionPolicy ToVault() => new()
    {
        KeepAllDays = Math.Max(Vault.RetentionPolicy.KeepAllDaysMin, ((KeepHourly ?? 0) + 23) / 24),
        MinSnapshots = Math.Max(1, KeepLast ?? 1),
        Daily = KeepDaily ?? 0,
        Weekly = KeepWeekly ?? 0,
        Monthly = KeepMonthly ?? 0,
        Yearly = KeepYearly ?? 0,
    };
}

/// <summary>Why something is not as it should be, for a person who can act.</summary>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Message">What happened, to what.</param>
/// <param name="Action">What to do, if anything.</param>
public sealed record Reason(string Code, string Message, string? Action = null);
