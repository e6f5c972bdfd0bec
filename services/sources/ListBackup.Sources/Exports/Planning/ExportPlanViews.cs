using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>A plan as it is made or replaced.</summary>
public sealed record ExportPlanRequest(string Name, ExportFormat Format, Destination Destination)
{
    /// <summary>Absent: every stream.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    public ExportMask Mask { get; init; }

    public IReadOnlyList<string>? Filter { get; init; }

    public string? Q { get; init; }

    /// <summary>True: one zip of all files.</summary>
    public bool Archive { get; init; }

    /// <summary>Absent: after each snapshot that is good enough.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>The weakest certificate of a snapshot that is exported: proven (the default), consistent or partial.</summary>
    public string? Coverage { get; init; }

    /// <summary>Deliveries that stay at the destination, 1 to 1000; 30 when absent.</summary>
    public int? KeepLast { get; init; }

    public bool Paused { get; init; }

    /// <summary>Of a bucket. It is sealed, and never shown. A plan that is replaced keeps its own unless its bucket or key is another one.</summary>
    public string? SecretAccessKey { get; init; }

    // A log line of a request must not show it.
    public override string ToString() => $"export plan {Name}";
}

/// <summary>A plan as the API shows it.</summary>
public sealed record ExportPlanView
{
    public required ExportPlanId Id { get; init; }
    public required SourceId SourceId { get; init; }
    public required string Name { get; init; }
    public required ExportFormat Format { get; init; }
    public IReadOnlyList<string>? Streams { get; init; }
    public required ExportMask Mask { get; init; }
    public required IReadOnlyList<string> Filter { get; init; }
    public string? Q { get; init; }
    public required bool Archive { get; init; }
    public Schedule? Schedule { get; init; }
    public required string Coverage { get; init; }
    public required int KeepLast { get; init; }
    public required Destination Destination { get; init; }
    public required bool Paused { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? NextAt { get; init; }
    public JobId? LastJobId { get; init; }
    public long? LastSeq { get; init; }

    public static ExportPlanView Of(ExportPlan plan) => new()
    {
        Id = plan.Id,
        SourceId = plan.SourceId,
        Name = plan.Name,
        Format = plan.Format,
        Streams = plan.Streams,
        Mask = plan.Mask,
        Filter = plan.Filter,
        Q = plan.Q,
        Archive = plan.IsArchive,
        Schedule = plan.Schedule,
        Coverage = ApiText.Of(plan.CoverageMin),
        KeepLast = plan.KeepLast,
        Destination = plan.Destination,
        Paused = plan.IsPaused,
        CreatedAt = plan.CreatedAt,
        NextAt = plan.NextAt,
        LastJobId = plan.LastJobId,
        LastSeq = plan.LastSeq,
    };
}

/// <summary>A delivery as the API shows it.</summary>
public sealed record ExportDeliveryView(
    JobId JobId, long Seq, DateTimeOffset At, DeliveryState State, Reason? Reason, string Folder, IReadOnlyList<string> Files, long Records, long Bytes)
{
    public static ExportDeliveryView Of(ExportDelivery d) => new(d.JobId, d.Seq, d.At, d.State, d.Reason, d.Folder, d.Files, d.Records, d.Bytes);
}
