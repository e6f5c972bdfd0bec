using ListBackup.Connectors;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Which streams a source reads, how, and what the vault must know of them.</summary>
public static class StreamPlan
{
    /// <summary>All streams, less those that only serve another stream's delete detection.</summary>
    public static IReadOnlyList<StreamInfo> Default(IReadOnlyList<StreamInfo> streams)
    {
        var helpers = streams.Where(s => s.Extensions.Deletes.Kind is DeleteDetectionKind.Stream or DeleteDetectionKind.IdSweep)
            .Select(s => s.Extensions.Deletes.Stream).ToHashSet(StringComparer.Ordinal);
        return [.. streams.Where(s => !helpers.Contains(s.Name))];
    }

    /// <summary>What a run reads: the streams it was asked for, else the source's own, else all.</summary>
    public static IReadOnlyList<string> Wanted(Source source, Run run, IReadOnlyList<StreamInfo> known)
    {
        if (run is { OnlyStreams: { } asked, Trigger: not RunTrigger.Webhook }) return asked;
        IReadOnlyList<string> own = source.Streams?.Select(s => s.Name).ToList() ?? [.. Default(known).Select(s => s.Name)];
        if (run.OnlyStreams is not { } announced) return own;

        // The manifest announces for every configuration, also for streams that this one has not.
        var both = announced.Intersect(own, StringComparer.Ordinal).ToList();
        return both.Count > 0 ? both : announced;
    }

    /// <summary>Full, unless the stream has a cursor from before and no full sweep is due.</summary>
    public static ReadMode Mode(StreamInfo stream, Source source, bool hasCursor, bool isFullSweep, DateTimeOffset now)
    {
        if (isFullSweep || !hasCursor || !stream.SyncModes.HasFlag(SyncModes.Incremental)) return ReadMode.FullSweep;
        var deletes = stream.Extensions.Deletes.Kind;
        // A trace may be missed (a bin that was emptied, a deletion for good, a change that moved no cursor), so everything is read now and then whatever traces
        // there are. Only what never changes needs none of it.
        var isDue = !source.LastFullSweeps.TryGetValue(stream.Name, out var last) || now - last >= TimeSpan.FromDays(source.FullSweepDays);
        if (isDue && deletes != DeleteDetectionKind.Never) return ReadMode.FullSweep;
        return deletes == DeleteDetectionKind.IdSweep ? ReadMode.IdSweep : ReadMode.Incremental;
    }

    public static StreamSettings Settings(StreamInfo stream) => new()
    {
        PrimaryKey = [.. stream.PrimaryKey.Select(Pointer)],
        VolatileFields = [.. stream.Extensions.Volatile.Select(Pointer)],
    };

    /// <summary>RFC 6901.</summary>
    public static string Pointer(FieldPath path) => string.Concat(path.Keys.Select(key => $"/{JsonPointer.Escape(key)}"));

    /// <summary>The phases after the records, by how the stream's deletions are noticed.</summary>
    public static ReadPhase Next(ReadPhase phase, StreamInfo stream, ReadMode mode) => phase switch
    {
        ReadPhase.Records when mode == ReadMode.IdSweep => ReadPhase.Ids,
        // A full sweep sees for itself what is gone.
        ReadPhase.Records when mode == ReadMode.Incremental && stream.Extensions.Deletes.Kind == DeleteDetectionKind.Stream => ReadPhase.Deletes,
        _ => ReadPhase.End,
    };
}
