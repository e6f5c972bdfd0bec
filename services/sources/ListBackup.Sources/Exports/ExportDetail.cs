using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What is exported, and the files that it became.</summary>
public sealed record ExportDetail
{
    public required long Seq { get; init; }

    /// <summary>Set: what changed since that snapshot instead of all records; 0: everything is new.</summary>
    public long? FromSeq { get; init; }

    public required ExportFormat Format { get; init; }

    /// <summary>By name; empty until the worker has looked at the snapshot, where all were asked for.</summary>
    public required IReadOnlyList<string> Streams { get; init; }

    public ExportMask Mask { get; init; }

    /// <summary>Only records that match all, as in <see cref="ListRecords"/>.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>Only records with this text in some value.</summary>
    public string? Q { get; init; }

    /// <summary>All files become one.</summary>
    public bool IsArchive { get; init; }

    /// <summary>The plan that it was made by, and that says where it is laid.</summary>
    public ExportPlanId? PlanId { get; init; }

    /// <summary>Finished files; a stream has several when one delivery was too short for it.</summary>
    public IReadOnlyList<ExportFile> Files { get; init; } = [];

    /// <summary>Streams whose files are finished.</summary>
    public int StreamsDone { get; init; }

    /// <summary>Where the stream that was begun goes on.</summary>
    public ExportPosition? Position { get; init; }

    /// <summary>From then on the files are no longer handed out.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>After that: they were deleted.</summary>
    public bool AreFilesRemoved { get; init; }
}

/// <summary>How far a stream is exported.</summary>
/// <param name="Parts">Files of it that are finished.</param>
/// <param name="AfterKey">The last record in them.</param>
public sealed record ExportPosition(int Parts, string AfterKey);

/// <param name="Stream">Absent where the file has several.</param>
public sealed record ExportFile(string Name, string? Stream, long Records, long Bytes, string Sha256);

[JsonConverter(typeof(JsonStringEnumConverter<ExportFormat>))]
public enum ExportFormat
{
    /// <summary>One record per line, the platform's own JSON.</summary>
    [JsonStringEnumMemberName("ndjson")] Ndjson,
    /// <summary>RFC 4180, one column per top-level field; lists and objects as JSON.</summary>
    [JsonStringEnumMemberName("csv")] Csv,
    /// <summary>One workbook, a sheet per stream.</summary>
    [JsonStringEnumMemberName("xlsx")] Xlsx,
    /// <summary>One Parquet file per stream; columns are typed where every value fits exactly.</summary>
    [JsonStringEnumMemberName("parquet")] Parquet,
    /// <summary>One SQLite database, a table per stream.</summary>
    [JsonStringEnumMemberName("sqlite")] Sqlite,
}

/// <summary>An export as the API shows it.</summary>
public sealed record ExportView
{
    public required long Seq { get; init; }
    public long? FromSeq { get; init; }
    public required ExportFormat Format { get; init; }
    public required IReadOnlyList<string> Streams { get; init; }
    public required ExportMask Mask { get; init; }
    public required IReadOnlyList<string> Filter { get; init; }
    public string? Q { get; init; }
    public required bool Archive { get; init; }

    /// <summary>The export plan that it was made by.</summary>
    public ExportPlanId? PlanId { get; init; }
    public required IReadOnlyList<ExportFile> Files { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    public static ExportView Of(ExportDetail export) => new()
    {
        Seq = export.Seq,
        FromSeq = export.FromSeq,
        Format = export.Format,
        Streams = export.Streams,
        Mask = export.Mask,
        Filter = export.Filter,
        Q = export.Q,
        Archive = export.IsArchive,
        PlanId = export.PlanId,
        Files = export.Files,
        ExpiresAt = export.ExpiresAt,
    };
}
