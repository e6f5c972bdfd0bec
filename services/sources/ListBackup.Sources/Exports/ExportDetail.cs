using System.Text.Json.Serialization;

namespace ListBackup.Sources;

/// <summary>What is exported, and the files that it became.</summary>
public sealed record ExportDetail
{
    public required long Seq { get; init; }

    public required ExportFormat Format { get; init; }

    public required IReadOnlyList<string> Streams { get; init; }

    /// <summary>Finished files, one per stream.</summary>
    public IReadOnlyList<ExportFile> Files { get; init; } = [];

    /// <summary>From then on the files are no longer handed out.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

public sealed record ExportFile(string Name, string Stream, long Records, long Bytes, string Sha256);

[JsonConverter(typeof(JsonStringEnumConverter<ExportFormat>))]
public enum ExportFormat
{
    /// <summary>One record per line, the platform's own JSON.</summary>
    [JsonStringEnumMemberName("ndjson")] Ndjson,
    /// <summary>RFC 4180, one column per top-level field; lists and objects as JSON.</summary>
    [JsonStringEnumMemberName("csv")] Csv,
}

/// <summary>An export as the API shows it.</summary>
public sealed record ExportView
{
    public required long Seq { get; init; }
    public required ExportFormat Format { get; init; }
    public required IReadOnlyList<string> Streams { get; init; }
    public required IReadOnlyList<ExportFile> Files { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    public static ExportView Of(ExportDetail export) => new()
    {
        Seq = export.Seq,
        Format = export.Format,
        Streams = export.Streams,
        Files = export.Files,
        ExpiresAt = export.ExpiresAt,
    };
}
