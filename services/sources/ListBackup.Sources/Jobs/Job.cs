using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Work on a source's snapshots that takes its time, <c>SRC#id / JOB#id</c>: a restore, an export, a verification. In the <c>live</c> index while a worker has something to do.</summary>
public sealed record Job
{
    public required JobId Id { get; init; }

    public required SourceId SourceId { get; init; }

    public required AccountId AccountId { get; init; }

    public required JobKind Kind { get; init; }

    public required JobState State { get; init; }

    public required string RequestedBy { get; init; }

    /// <summary>The trace that all its steps belong to (W3C <c>traceparent</c>); null of jobs of before.</summary>
    public string? Trace { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public Reason? Reason { get; init; }

    /// <summary>Who works now: a token made per delivery, good until <see cref="LeaseUntil"/>.</summary>
    public string? Lease { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Deliveries in a row that brought nothing.</summary>
    public int Failures { get; init; }

    public RestoreDetail? Restore { get; init; }

    public ExportDetail? Export { get; init; }

    public VerifyDetail? Verify { get; init; }

    /// <summary>True while a worker has something to do; the sweeper then looks after it.</summary>
    [JsonIgnore]
    public bool IsLive => State is JobState.Queued or JobState.Running or JobState.Planning or JobState.Preparing or JobState.Applying or JobState.Undoing;
}

[JsonConverter(typeof(JsonStringEnumConverter<JobKind>))]
public enum JobKind
{
    [JsonStringEnumMemberName("restore")] Restore,
    [JsonStringEnumMemberName("export")] Export,
    [JsonStringEnumMemberName("verify")] Verify,
}

[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    [JsonStringEnumMemberName("queued")] Queued,
    [JsonStringEnumMemberName("running")] Running,
    /// <summary>A restore compares the snapshot with the platform; nothing is written.</summary>
    [JsonStringEnumMemberName("planning")] Planning,
    /// <summary>A restore's plan waits for approval.</summary>
    [JsonStringEnumMemberName("planned")] Planned,
    /// <summary>The snapshot that lets the restore be undone is being made.</summary>
    [JsonStringEnumMemberName("preparing")] Preparing,
    [JsonStringEnumMemberName("applying")] Applying,
    [JsonStringEnumMemberName("undoing")] Undoing,
    [JsonStringEnumMemberName("undone")] Undone,
    [JsonStringEnumMemberName("succeeded")] Succeeded,
    /// <summary>Done, less what the result lists as refused.</summary>
    [JsonStringEnumMemberName("partial")] Partial,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

/// <summary>Do the next step of a job.</summary>
public sealed record JobMessage(AccountId AccountId, SourceId SourceId, JobId JobId);
