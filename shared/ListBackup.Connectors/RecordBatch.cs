using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>
/// The records of one page. The slices point into the page's own buffer: they are good until <see cref="Dispose"/>, which gives the
/// buffer back. Whoever keeps a record longer copies it. Dispose every batch; the engine holds no more than the page it reads.
/// </summary>
public sealed class RecordBatch : IDisposable
{
    private IDisposable? _owner;

    internal RecordBatch(IDisposable? owner) => _owner = owner;

    public required string Stream { get; init; }

    /// <summary>Each a complete JSON object in UTF-8, as the platform sent it wherever no transformation touched it.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Records { get; init; }

    /// <summary>The partition that the page belongs to (<c>{"list_id":"7"}</c>); an empty object for a stream without partitions.</summary>
    public required JsonElement Partition { get; init; }

    /// <summary>The interval that the page belongs to (<c>{"start_time":…,"end_time":…}</c>); empty where there is none.</summary>
    public required JsonElement Slice { get; init; }

    /// <summary>From here reading resumes at the next page. Save it together with the records, or not at all.</summary>
    public required StreamState StateAfter { get; init; }

    /// <summary>What has been seen of the stream in this read so far, this page included.</summary>
    public required PageEvidence Evidence { get; init; }

    /// <summary>Set on the last batch only.</summary>
    public Coverage? Coverage { get; init; }

    public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Dispose();
}
