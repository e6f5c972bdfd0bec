using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>A job as the API shows it.</summary>
public sealed record JobView
{
    public required JobId Id { get; init; }
    public required SourceId SourceId { get; init; }
    public required JobKind Kind { get; init; }
    public required JobState State { get; init; }
    public required string RequestedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When it goes on, while the platform makes it wait.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    public Reason? Reason { get; init; }
    public RestoreView? Restore { get; init; }
    public ExportView? Export { get; init; }
    public VerifyView? Verify { get; init; }

    public static JobView Of(Job job) => new()
    {
        Id = job.Id,
        SourceId = job.SourceId,
        Kind = job.Kind,
        State = job.State,
        RequestedBy = job.RequestedBy,
        CreatedAt = job.CreatedAt,
        FinishedAt = job.FinishedAt,
        NotBefore = job.NotBefore,
        Reason = job.Reason,
        Restore = job.Restore is { } restore ? RestoreView.Of(restore) : null,
        Export = job.Export is { } export ? ExportView.Of(export) : null,
        Verify = job.Verify is { } verify ? VerifyView.Of(verify) : null,
    };
}

/// <summary>What a verification found.</summary>
public sealed record VerifyView
{
    public required string Level { get; init; }
    public long? Seq { get; init; }

    /// <summary>Absent until it has ended.</summary>
    public bool? Sound { get; init; }
    public long? Manifests { get; init; }
    public long? Objects { get; init; }
    public long? Blocks { get; init; }
    public long? Versions { get; init; }
    public long? Roots { get; init; }
    public long? BytesRead { get; init; }
    public IReadOnlyList<string>? Problems { get; init; }

    public static VerifyView Of(VerifyDetail detail) => new()
    {
        Level = ApiText.Of(detail.Level),
        Seq = detail.Seq,
        Sound = detail.Report?.IsSound,
        Manifests = detail.Report?.Manifests,
        Objects = detail.Report?.Objects,
        Blocks = detail.Report?.Blocks,
        Versions = detail.Report?.Versions,
        Roots = detail.Report?.Roots,
        BytesRead = detail.Report?.BytesRead,
        Problems = detail.Report is { } report ? [.. report.Problems.Select(p => $"{p.Object} at {p.Offset}: {p.Message}")] : null,
    };
}
