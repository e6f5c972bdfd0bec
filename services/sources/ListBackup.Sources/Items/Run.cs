using System.Text.Json.Serialization;
using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>One sync of a source, <c>SRC#id / RUN#id</c>; in the <c>live</c> index until nothing of it is left to do.</summary>
public sealed record Run
{
    public const int LogLinesMax = 200;

    public required RunId Id { get; init; }

    public required SourceId SourceId { get; init; }

    public required AccountId AccountId { get; init; }

    public required RunState State { get; init; }

    public required RunTrigger Trigger { get; init; }

    /// <summary>A user or API key; <c>system</c> for the scheduler.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The trace that all its steps belong to (W3C <c>traceparent</c>); null of runs of before.</summary>
    public string? Trace { get; init; }

    /// <summary>The run that this one repeats.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>The job that waits for the snapshot, before a restore.</summary>
    public JobId? ForJob { get; init; }

    /// <summary>Every stream is read in full, cursors or not.</summary>
    public bool IsFullSweep { get; init; }

    /// <summary>Only these streams; null: those of the source.</summary>
    public IReadOnlyList<string>? OnlyStreams { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Fixed by the planner.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>How many parts have ended; the part that makes it complete calls the committer.</summary>
    public int PartsEnded { get; init; }

    public ConnectorIdentity? Connector { get; init; }

    /// <summary>Until when the customer's ceiling, a share of the platform's daily quota, held it last; null: never.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Why the platform may have streams that the plan of everything lacks; null when nothing speaks for it.</summary>
    public string? StreamsDoubt { get; init; }

    /// <summary>Times that planning failed for a reason that may pass.</summary>
    public int PlanFailures { get; init; }

    public long? SnapshotSeq { get; init; }

    public Reason? Reason { get; init; }

    /// <summary>Streams that this run read in full, to their end.</summary>
    public IReadOnlyList<string> FullSweeps { get; init; } = [];

    public IReadOnlyList<Anomaly> Anomalies { get; init; } = [];

    /// <summary>Fields that came, went or have other types since the snapshot before.</summary>
    public IReadOnlyList<FieldDriftEvent> Drift { get; init; } = [];

    /// <summary>The activity was written: the last thing that the committer does.</summary>
    public bool IsNoted { get; init; }

    public IReadOnlyList<RunLogLine> Log { get; init; } = [];

    [JsonIgnore]
    public bool HasEnded => State is RunState.Succeeded or RunState.Partial or RunState.Failed or RunState.Cancelled;

    /// <summary>The backup before a restore is part of the restore.</summary>
    [JsonIgnore]
    public ConnectionUse Use => ForJob is null ? ConnectionUse.Backup : ConnectionUse.Urgent;

    public Run Logged(DateTimeOffset at, string message) => this with { Log = RunLogLine.Append(Log, new(at, null, message), LogLinesMax) };
}

[JsonConverter(typeof(JsonStringEnumConverter<RunState>))]
public enum RunState
{
    [JsonStringEnumMemberName("queued")] Queued,
    [JsonStringEnumMemberName("planning")] Planning,
    [JsonStringEnumMemberName("reading")] Reading,
    [JsonStringEnumMemberName("committing")] Committing,
    /// <summary>Every stream was read to its end; the snapshot is there.</summary>
    [JsonStringEnumMemberName("succeeded")] Succeeded,
    /// <summary>A snapshot is there and says which streams are incomplete, and why.</summary>
    [JsonStringEnumMemberName("partial")] Partial,
    /// <summary>No snapshot was made.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

[JsonConverter(typeof(JsonStringEnumConverter<RunTrigger>))]
public enum RunTrigger
{
    [JsonStringEnumMemberName("schedule")] Schedule,
    [JsonStringEnumMemberName("manual")] Manual,
    [JsonStringEnumMemberName("retry")] Retry,
    [JsonStringEnumMemberName("restore")] Restore,
    /// <summary>The platform announced a change.</summary>
    [JsonStringEnumMemberName("webhook")] Webhook,
}

/// <summary>One line of a run's log, without record content. <see cref="Stream"/> is null for the run as a whole.</summary>
public sealed record RunLogLine(DateTimeOffset At, string? Stream, string Message)
{
    /// <summary>The newest lines stay.</summary>
    public static IReadOnlyList<RunLogLine> Append(IReadOnlyList<RunLogLine> log, RunLogLine line, int max) =>
        [.. log.Skip(Math.Max(0, log.Count + 1 - max)), line];
}

/// <summary>Something about a snapshot that a person should look at before they trust it.</summary>
/// <param name="Code">
/// <c>count-drop</c>, <c>mass-change</c>, <c>mass-add</c>: far more records than usual went, changed or came; <c>field-emptied</c>: far fewer records than usual have a
/// value in a field; <c>suddenly-empty</c>: a stream that had records arrived without any.
/// </param>
/// <param name="Stream">In which stream.</param>
/// <param name="Before">Records before it; of a field: how many would usually have a value.</param>
/// <param name="After">Records after it; of changes and additions: how many there were; of a field: how many have a value.</param>
/// <param name="Message">What happened, how it compares with what is usual, and what to do.</param>
public sealed record Anomaly(string Code, string Stream, long Before, long After, string Message)
{
    /// <summary>Severe ones put the snapshot into quarantine.</summary>
    public AnomalySeverity Severity { get; init; }

    /// <summary>The field, of <c>field-emptied</c>.</summary>
    public string? Field { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<AnomalySeverity>))]
public enum AnomalySeverity
{
    /// <summary>Worth a look.</summary>
    [JsonStringEnumMemberName("warning")] Warning,
    /// <summary>A person has to decide; until then nothing older is let go.</summary>
    [JsonStringEnumMemberName("severe")] Severe,
}
