using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Exports that come by themselves, <c>SRC#id / EXPORTPLAN#id</c>; in the <c>exports due</c> index while one is to be made.</summary>
public sealed record ExportPlan
{
    public const int KeepLastMax = 1000;

    public required ExportPlanId Id { get; init; }

    public required SourceId SourceId { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Name { get; init; }

    public required ExportFormat Format { get; init; }

    /// <summary>Null: every stream that the snapshot has.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    public ExportMask Mask { get; init; }

    public IReadOnlyList<string> Filter { get; init; } = [];

    public string? Q { get; init; }

    public bool IsArchive { get; init; }

    /// <summary>Null: after each snapshot that is good enough.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>A snapshot with a weaker certificate is not exported.</summary>
    public CoverageLevel CoverageMin { get; init; }

    /// <summary>Deliveries that stay at the destination.</summary>
    public required int KeepLast { get; init; }

    public required Destination Destination { get; init; }

    /// <summary>The secret access key of a bucket, sealed by the account's keys.</summary>
    public string? SealedSecret { get; init; }

    public bool IsPaused { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next export is begun; null: not before the next snapshot.</summary>
    public DateTimeOffset? NextAt { get; init; }

    public JobId? LastJobId { get; init; }

    /// <summary>The snapshot that was exported last; with a schedule it may come again.</summary>
    public long? LastSeq { get; init; }

    [JsonIgnore]
    public IndexKey? DueIndex => NextAt is { } at && !IsPaused ? SourceKeys.ExportDue(at, Id) : null;
}

/// <summary>What became of one planned export, <c>SRC#id / DELIVERY#plan#job</c>.</summary>
public sealed record ExportDelivery
{
    public required ExportPlanId PlanId { get; init; }

    public required JobId JobId { get; init; }

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required DeliveryState State { get; init; }

    /// <summary>Why it failed.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The folder at the destination.</summary>
    public required string Folder { get; init; }

    /// <summary>Names in it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    public long Records { get; init; }

    public long Bytes { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<DeliveryState>))]
public enum DeliveryState
{
    [JsonStringEnumMemberName("delivered")] Delivered,
    [JsonStringEnumMemberName("failed")] Failed,
    /// <summary>Delivered once, and taken away again because later ones came.</summary>
    [JsonStringEnumMemberName("removed")] Removed,
}
