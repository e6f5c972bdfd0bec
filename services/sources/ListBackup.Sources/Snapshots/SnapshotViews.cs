using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>A snapshot in a list or calendar.</summary>
public sealed record SnapshotSummaryView
{
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required RunId RunId { get; init; }
    public required RunTrigger Trigger { get; init; }

    /// <summary>The weakest of its streams: proven, consistent or partial. Only proven is green.</summary>
    public required string Coverage { get; init; }
    public required long Live { get; init; }
    public required long Added { get; init; }
    public required long Changed { get; init; }
    public required long Deleted { get; init; }
    public required long BytesAdded { get; init; }
    public required IReadOnlyList<Anomaly> Anomalies { get; init; }

    /// <summary>Present when it was put into quarantine for severe anomalies.</summary>
    public QuarantineReview? Quarantine { get; init; }

    public static SnapshotSummaryView Of(SourceSnapshot snapshot) => new()
    {
        Seq = snapshot.Seq,
        At = snapshot.At,
        RunId = snapshot.RunId,
        Trigger = snapshot.Trigger,
        Coverage = ApiText.Of(snapshot.Level),
        Live = snapshot.Live,
        Added = snapshot.Added,
        Changed = snapshot.Changed,
        Deleted = snapshot.Deleted,
        BytesAdded = snapshot.BytesAdded,
        Anomalies = snapshot.Anomalies,
        Quarantine = snapshot.Quarantine,
    };
}

/// <summary>A snapshot with the certificate of each stream, as its signed manifest has them.</summary>
public sealed record SnapshotView
{
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Run { get; init; }
    public required string Trigger { get; init; }
    public string? Connector { get; init; }
    public string? ConnectorVersion { get; init; }

    /// <summary>SHA-256 of the manifest: its identity in the chain.</summary>
    public required string ManifestSha256 { get; init; }
    public required long BytesAdded { get; init; }
    public required IReadOnlyList<SnapshotStreamView> Streams { get; init; }
    public required IReadOnlyList<Anomaly> Anomalies { get; init; }

    /// <summary>Present when it was put into quarantine for severe anomalies.</summary>
    public QuarantineReview? Quarantine { get; init; }

    /// <summary>Until when retention and holds, as they are now, keep it whatever else comes; absent: there is no end.</summary>
    public DateTimeOffset? GuaranteedUntil { get; init; }

    public static SnapshotView Of(Snapshot snapshot, SourceSnapshot? entry) => new()
    {
        Seq = snapshot.Seq,
        At = snapshot.Time,
        Run = snapshot.Run,
        Trigger = snapshot.Trigger,
        Connector = snapshot.Connector?.Name,
        ConnectorVersion = snapshot.Connector?.Version,
        ManifestSha256 = snapshot.ManifestSha256,
        BytesAdded = snapshot.BytesAdded,
        Streams = [.. snapshot.Streams.Select(SnapshotStreamView.Of)],
        Anomalies = entry?.Anomalies ?? [],
        Quarantine = entry?.Quarantine,
        GuaranteedUntil = snapshot.GuaranteedUntil,
    };
}

public sealed record SnapshotStreamView
{
    public required string Stream { get; init; }

    /// <summary>The snapshot in which it was last read; earlier than this one when a run left it out or could not read it.</summary>
    public required long ReadSeq { get; init; }
    public required long Live { get; init; }
    public required long Added { get; init; }
    public required long Changed { get; init; }
    public required long Deleted { get; init; }
    public required long Bytes { get; init; }

    /// <summary>Merkle root over the live records: equal roots mean equal data.</summary>
    public required string StateRoot { get; init; }
    public required IReadOnlyList<string> PrimaryKey { get; init; }
    public required CertificateView Certificate { get; init; }

    public static SnapshotStreamView Of(StreamSnapshot stream) => new()
    {
        Stream = stream.Stream,
        ReadSeq = stream.ReadSeq,
        Live = stream.Live,
        Added = stream.Added,
        Changed = stream.Changed,
        Deleted = stream.Deleted,
        Bytes = stream.Bytes,
        StateRoot = stream.StateRoot,
        PrimaryKey = stream.PrimaryKey,
        Certificate = CertificateView.Of(stream.Coverage),
    };
}

/// <summary>What a snapshot says of a stream's completeness, and the evidence for it.</summary>
public sealed record CertificateView
{
    /// <summary>proven, consistent or partial.</summary>
    public required string Coverage { get; init; }
    public string? Reason { get; init; }

    /// <summary>fullSweep, incremental or idSweep.</summary>
    public required string Mode { get; init; }
    public required long Arrived { get; init; }
    public required long Refused { get; init; }
    public long? ReportedTotal { get; init; }
    public required long Pages { get; init; }
    public required long Requests { get; init; }
    public required long RequestsRefused { get; init; }
    public required long RequestsFailed { get; init; }
    public required IReadOnlyList<string> CapsHit { get; init; }

    /// <summary>What was seen while reading that forbids to call it proven, though nothing is known to be missing.</summary>
    public required IReadOnlyList<string> Doubts { get; init; }

    public static CertificateView Of(Coverage coverage) => new()
    {
        Coverage = ApiText.Of(coverage.Level),
        Reason = coverage.Reason,
        Mode = ApiText.Of(coverage.Mode),
        Arrived = coverage.Arrived,
        Refused = coverage.Refused,
        ReportedTotal = coverage.Evidence.ReportedTotal,
        Pages = coverage.Evidence.Pages,
        Requests = coverage.Evidence.Requests,
        RequestsRefused = coverage.Evidence.RequestsRefused,
        RequestsFailed = coverage.Evidence.RequestsFailed,
        CapsHit = coverage.Evidence.CapsHit,
        Doubts = coverage.Evidence.Doubts,
    };
}
