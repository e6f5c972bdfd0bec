using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>What an export is, for whoever has only its files: <c>manifest.json</c> of an archive.</summary>
public sealed record ExportManifest
{
    public string Kind { get; init; } = "listbackup-export-1";
    public required AccountId AccountId { get; init; }
    public required SourceId SourceId { get; init; }
    public required JobId ExportId { get; init; }
    public required DateTimeOffset ExportedAt { get; init; }
    public required long Seq { get; init; }
    public long? FromSeq { get; init; }
    public required DateTimeOffset SnapshotAt { get; init; }

    /// <summary>The snapshot's identity in the chain and in certificates.</summary>
    public required string ManifestSha256 { get; init; }
    public required ExportFormat Format { get; init; }
    public required ExportMask Mask { get; init; }
    public required IReadOnlyList<string> Filter { get; init; }
    public string? Q { get; init; }
    public required IReadOnlyList<ExportManifestStream> Streams { get; init; }
    public required IReadOnlyList<ExportFile> Files { get; init; }

    public static ExportManifest Of(Job job, Snapshot snapshot, DateTimeOffset now)
    {
        var export = job.Export!; // An export job is made with it.
        return new()
        {
            AccountId = job.AccountId,
            SourceId = job.SourceId,
            ExportId = job.Id,
            ExportedAt = now,
            Seq = export.Seq,
            FromSeq = export.FromSeq,
            SnapshotAt = snapshot.Time,
            ManifestSha256 = snapshot.ManifestSha256,
            Format = export.Format,
            Mask = export.Mask,
            Filter = export.Filter,
            Q = export.Q,
            Streams = [.. snapshot.Streams.Where(s => export.Streams.Contains(s.Stream)).Select(s => new ExportManifestStream(s.Stream, s.ReadSeq, s.Live, ApiText.Of(s.Coverage.Level), s.StateRoot))],
            Files = export.Files,
        };
    }
}

/// <summary>A stream as its certificate has it.</summary>
/// <param name="ReadSeq">The snapshot in which it was last read.</param>
/// <param name="Live">Records in the snapshot, filtered ones included.</param>
/// <param name="Coverage">How much of the platform's stream this provably is: proven, consistent or partial.</param>
public sealed record ExportManifestStream(string Stream, long ReadSeq, long Live, string Coverage, string StateRoot);

/// <summary>Puts an export's files into one.</summary>
public sealed class ExportArchive(ExportFiles files)
{
    public const string Name = "export.zip";

    public const string ManifestName = "manifest.json";

    /// <summary>Writes the archive from the files that are stored, and then removes them.</summary>
    public async Task<ExportFile> WriteAsync(Job job, ExportManifest manifest, CancellationToken cancellation)
    {
        var archive = await files.WriteAsync(job, Name, null, (output, stop) => ZipAsync(job, manifest, output, stop), cancellation);
        foreach (var file in job.Export!.Files) await files.DeleteAsync(job.AccountId, job.Id, file.Name, cancellation);
        return archive;
    }

    private async Task<long> ZipAsync(Job job, ExportManifest manifest, PipeWriter output, CancellationToken cancellation)
    {
        // No using: the directory at the end of an archive that failed would make half of it look whole.
        var archive = await ZipArchive.CreateAsync(output.AsStream(leaveOpen: true), ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        foreach (var file in manifest.Files)
        {
            await using var content = await files.OpenAsync(job.AccountId, job.Id, file.Name, cancellation);
            await using var entry = await Entry(archive, file.Name, CompressionOf(manifest.Format)).OpenAsync(cancellation);
            await content.CopyToAsync(entry, cancellation);
        }
        await using (var entry = await Entry(archive, ManifestName, CompressionLevel.Fastest).OpenAsync(cancellation))
            await JsonSerializer.SerializeAsync(entry, manifest, SourceItemsJson.Default.ExportManifest, cancellation);
        await archive.DisposeAsync();
        await output.FlushAsync(cancellation);
        return manifest.Files.Sum(f => f.Records);

        // The moment of the export, not of the writing: a repetition gives the same bytes.
        ZipArchiveEntry Entry(ZipArchive to, string name, CompressionLevel level)
        {
            var entry = to.CreateEntry(name, level);
            entry.LastWriteTime = job.CreatedAt.ToUniversalTime();
            return entry;
        }
    }

    /// <summary>Workbooks and Parquet files are packed already.</summary>
    private static CompressionLevel CompressionOf(ExportFormat format) => format is ExportFormat.Xlsx or ExportFormat.Parquet ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
}
