using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A source as the API shows it.</summary>
public sealed record SourceView
{
    public required SourceId Id { get; init; }
    public required AccountId AccountId { get; init; }
    public required string Name { get; init; }
    public required ConnectionId ConnectionId { get; init; }
    public required string Platform { get; init; }

    /// <summary>Absent: all streams of the connection.</summary>
    public IReadOnlyList<StreamChoice>? Streams { get; init; }
    public Schedule? Schedule { get; init; }

    /// <summary>What is kept; absent: everything.</summary>
    public RetentionView? Retention { get; init; }
    public required int FullSweepDays { get; init; }
    public required bool Paused { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public string? Group { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? NextRunAt { get; init; }
    public RunId? CurrentRunId { get; init; }
    public LastRunView? LastRun { get; init; }
    public LastSnapshotView? LastSnapshot { get; init; }
    public required SourceHealth Health { get; init; }

    /// <summary>What is proven of its backups, and what is promised.</summary>
    public required ProtectionView Protection { get; init; }

    /// <summary>Present while snapshots wait for a person's decision: no older one is let go meanwhile.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>The last time that its schedule was missed.</summary>
    public MissedTurn? LastMissed { get; init; }

    /// <summary>Runs in a row that made no snapshot.</summary>
    public required int FailuresInARow { get; init; }

    public static SourceView Of(Source source) => new()
    {
        Id = source.Id,
        AccountId = source.AccountId,
        Name = source.Name,
        ConnectionId = source.ConnectionId,
        Platform = source.Platform,
        Streams = source.Streams,
        Schedule = source.Schedule,
        Retention = source.Retention is { } kept ? new(kept, Applied: kept == source.RetentionApplied) : null,
        FullSweepDays = source.FullSweepDays,
        Paused = source.IsPaused,
        Tags = source.Tags,
        Group = source.Group,
        CreatedAt = source.CreatedAt,
        NextRunAt = source.DueAt is null ? null : source.NextRunAt,
        CurrentRunId = source.CurrentRunId,
        LastRun = source.LastRunId is { } run && source.LastRunState is { } state ? new(run, state, source.LastRunAt, source.LastReason) : null,
        LastSnapshot = source.LastSnapshotSeq is { } seq && source.LastSnapshotAt is { } at ? new(seq, at) : null,
        Health = HealthOf(source),
        Protection = ProtectionView.Of(source),
        Quarantine = source.Quarantine,
        LastMissed = source.LastMissed,
        FailuresInARow = source.FailuresInARow,
    };

    private static SourceHealth HealthOf(Source source) => source switch
    {
        { IsPaused: true } => SourceHealth.Paused,
        { LastRunState: null } => SourceHealth.New,
        { LastRunState: RunState.Failed } or { Damage: not null } => SourceHealth.Failing,
        { LastRunState: RunState.Partial } or { LastSnapshotSeq: null } or { NeedsReview: true } or { Quarantine: not null } => SourceHealth.Attention,
        _ => SourceHealth.Good,
    };
}

[JsonConverter(typeof(JsonStringEnumConverter<SourceHealth>))]
public enum SourceHealth
{
    /// <summary>The last run made a complete snapshot and nothing about it was unusual.</summary>
    [JsonStringEnumMemberName("good")] Good,
    /// <summary>The last snapshot is incomplete or unusual, or there is none yet; the last run says why.</summary>
    [JsonStringEnumMemberName("attention")] Attention,
    /// <summary>The last run made no snapshot, or stored backups are damaged.</summary>
    [JsonStringEnumMemberName("failing")] Failing,
    [JsonStringEnumMemberName("paused")] Paused,
    /// <summary>It has not run.</summary>
    [JsonStringEnumMemberName("new")] New,
}

/// <param name="Policy">How many snapshots of each age shall be kept.</param>
/// <param name="Applied">Whether maintenance has applied it as it is now; a new one is within a day.</param>
public sealed record RetentionView(RetentionPolicy Policy, bool Applied);

public sealed record LastRunView(RunId Id, RunState State, DateTimeOffset? At, Reason? Reason);

public sealed record LastSnapshotView(long Seq, DateTimeOffset At);
