using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>A committed snapshot as lists show it, <c>SRC#id / SNAP#seq</c>. The vault's manifest is the truth; this is its index.</summary>
public sealed record SourceSnapshot
{
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required RunId RunId { get; init; }

    public required RunTrigger Trigger { get; init; }

    /// <summary>The weakest of its streams.</summary>
    public required CoverageLevel Level { get; init; }

    public required long Live { get; init; }

    public required long Added { get; init; }

    public required long Changed { get; init; }

    public required long Deleted { get; init; }

    public required long BytesAdded { get; init; }

    public required string ManifestSha256 { get; init; }

    public IReadOnlyList<Anomaly> Anomalies { get; init; } = [];

    /// <summary>What became of it when it was in quarantine; null: it never was.</summary>
    public QuarantineReview? Quarantine { get; init; }
}
