using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>The histories of a source's streams, and what is judged by them.</summary>
public sealed class StreamHistories(IItemStore items)
{
    public async Task<StreamHistory> FindAsync(SourceId source, string stream, CancellationToken cancellation) =>
        (await items.FindAsync(SourceKeys.History(source, stream), SourceItemsJson.Default.StreamHistory, cancellation))?.Value ?? new() { Stream = stream };

    /// <summary>What is unusual about a snapshot, stream by stream. The readings that are usable as history are noted for the next one; repeating it changes nothing.</summary>
    public async Task<IReadOnlyList<Anomaly>> JudgeAsync(SourceId source, Snapshot? before, Snapshot after, IReadOnlyList<RunPart> parts, CancellationToken cancellation)
    {
        var anomalies = new List<Anomaly>();
        foreach (var stream in after.Streams.Where(s => s.ReadSeq == after.Seq))
        {
            var part = parts.FirstOrDefault(p => p.Stream == stream.Stream);
            if (part?.SuddenlyEmptyOf is { } lost)
            {
                anomalies.Add(Anomalies.Empty(stream.Stream, lost));
                continue;
            }
            var history = await FindAsync(source, stream.Stream, cancellation);
            var point = PointOf(before?.Streams.FirstOrDefault(s => s.Stream == stream.Stream), stream, after.Time, part?.Fill);
            anomalies.AddRange(Anomalies.Find(stream.Stream, history.Points, point));
            // What broke off in the middle says nothing of what is usual.
            if (part?.State == PartState.Complete) await NoteAsync(source, history, point, cancellation);
        }
        return anomalies;
    }

    private async Task NoteAsync(SourceId source, StreamHistory known, StreamPoint point, CancellationToken cancellation)
    {
        var key = SourceKeys.History(source, known.Stream);
        for (var tries = 1; ; tries++)
        {
            var stored = await items.FindAsync(key, SourceItemsJson.Default.StreamHistory, cancellation);
            var history = stored?.Value ?? known;
            var with = history.With(point);
            if (ReferenceEquals(with, history)) return;
            try
            {
                await items.PutAsync(ItemJson.Item(key, with, SourceItemsJson.Default.StreamHistory), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            catch (ConditionFailedException) when (tries < 10)
            {
                // Two deliveries of one commit: the other one's point is this one's.
            }
        }
    }

    private static StreamPoint PointOf(StreamSnapshot? before, StreamSnapshot after, DateTimeOffset at, FieldFill? fill) => new()
    {
        Seq = after.ReadSeq,
        At = at,
        IsSweep = after.Coverage.Mode != ReadMode.Incremental,
        Before = before?.Live ?? 0,
        Live = after.Live,
        Added = after.Added,
        Changed = after.Changed,
        Deleted = after.Deleted,
        Fill = fill is { Records: > 0 } ? fill : null,
    };
}
