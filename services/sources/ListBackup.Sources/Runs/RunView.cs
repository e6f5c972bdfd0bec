using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A run as the API shows it.</summary>
public sealed record RunView
{
    public required RunId Id { get; init; }
    public required SourceId SourceId { get; init; }
    public required RunState State { get; init; }
    public required RunTrigger Trigger { get; init; }
    public required string RequestedBy { get; init; }
    public RunId? RetryOf { get; init; }
    public required DateTimeOffset QueuedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the platform's next day begins, where the connection's share of the daily quota was used up: until then streams are delayed.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>The snapshot that it made.</summary>
    public long? SnapshotSeq { get; init; }

    /// <summary>Why it is not a plain success, and what to do.</summary>
    public Reason? Reason { get; init; }
    public required IReadOnlyList<Anomaly> Anomalies { get; init; }

    /// <summary>Fields that came, went or have other types since the snapshot before; at most a hundred.</summary>
    public required IReadOnlyList<FieldDriftEvent> Drift { get; init; }

    /// <summary>Sums over the streams; absent in lists.</summary>
    public PartCounts? Counts { get; init; }

    /// <summary>One per stream; absent in lists.</summary>
    public IReadOnlyList<RunPartView>? Parts { get; init; }

    public static RunView Of(Run run, IReadOnlyList<RunPart>? parts = null) => new()
    {
        Id = run.Id,
        SourceId = run.SourceId,
        State = run.State,
        Trigger = run.Trigger,
        RequestedBy = run.RequestedBy,
        RetryOf = run.RetryOf,
        QueuedAt = run.QueuedAt,
        StartedAt = run.StartedAt,
        FinishedAt = run.FinishedAt,
        HeldUntil = run.HeldUntil,
        SnapshotSeq = run.SnapshotSeq,
        Reason = run.Reason,
        Anomalies = run.Anomalies,
        Drift = run.Drift,
        Counts = parts is { Count: > 0 } ? parts.Select(p => p.Counts).Aggregate((sum, next) => sum.Plus(next)) : null,
        Parts = parts is null ? null : [.. parts.Select(RunPartView.Of)],
    };
}

/// <summary>One stream of a run. What a worker that died had not saved is taken back from the counts when its stream goes on.</summary>
public sealed record RunPartView
{
    public required string Stream { get; init; }
    public required PartState State { get; init; }

    /// <summary>fullSweep, incremental or idSweep.</summary>
    public required string Mode { get; init; }
    public required PartCounts Counts { get; init; }

    /// <summary>When it goes on, while delayed.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public Reason? Reason { get; init; }

    public static RunPartView Of(RunPart part) => new()
    {
        Stream = part.Stream,
        State = part.State,
        Mode = ApiText.Of(part.Mode),
        Counts = part.Counts,
        NotBefore = part.NotBefore,
        StartedAt = part.StartedAt,
        EndedAt = part.EndedAt,
        Reason = part.Reason,
    };
}
