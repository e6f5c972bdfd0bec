using System.Runtime.CompilerServices;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault;

/// <summary>A snapshot, open for reading. Safe for concurrent use; memory is bounded by a few windows of groups, whatever the stream's size.</summary>
public sealed class SnapshotReader
{
    private readonly VaultCore _core;
    private readonly SourceView _view;
    private readonly Manifest _manifest;
    private LookedIn? _last;

    internal SnapshotReader(VaultCore core, SourceView view, CheckedManifest manifest)
    {
        _core = core;
        _view = view;
        _manifest = manifest.Manifest;
        Snapshot = Snapshots.Of(manifest, view);
    }

    /// <summary>The snapshot that is read.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>All live records of a stream, group by group, in the vault's own order. An unknown stream is refused with <see cref="VaultNotFoundException"/>.</summary>
    public async IAsyncEnumerable<Record> ReadAsync(string stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = await GroupReader.OpenAsync(_core, ViewOf(stream), cancellation);
        await foreach (var group in reader.ReadAsync(0, cancellation))
        {
            foreach (var version in group.Newest().Values)
            {
                if (RecordOf(version) is { } record) yield return record;
            }
        }
    }

    /// <summary>All live records of a stream in ascending order of the key's UTF-8 bytes. What exceeds memory is sorted through <see cref="VaultOptions.SpillFolder"/>, sealed under a key that never leaves memory.</summary>
    public IAsyncEnumerable<Record> ReadSortedAsync(string stream, CancellationToken cancellation) =>
        RecordSorter.SortAsync(ReadAsync(stream, cancellation), _core.Options, cancellation);

    /// <summary>As <see cref="ReadSortedAsync(string, CancellationToken)"/>, less what the selection leaves out; that costs reading, not sorting.</summary>
    public IAsyncEnumerable<Record> ReadSortedAsync(string stream, RecordSelection selection, CancellationToken cancellation) =>
        RecordSorter.SortAsync(SelectAsync(stream, selection, cancellation), _core.Options, cancellation);

    /// <summary>A page of live records, with simple conditions.</summary>
    public Task<RecordPage> QueryAsync(string stream, RecordQuery query, CancellationToken cancellation) =>
        new RecordQueryRunner(_core, ViewOf(stream), _core.Secrets.Stream(_manifest.Source, stream), query).RunAsync(cancellation);

    /// <summary>One live record by its key; null when there is none. Who asks for one after another in the vault's own order reads each group once.</summary>
    public async Task<Record?> FindAsync(string stream, string key, CancellationToken cancellation)
    {
        var last = _last;
        var reader = last?.Stream == stream ? last.Reader : await SingleGroupReader.OpenAsync(_core, ViewOf(stream), cancellation);
        var group = _core.Secrets.Stream(_manifest.Source, stream).HashKey(key).Group(reader.GroupCount);
        if (last?.Stream != stream || last.Group != group)
            _last = last = new LookedIn(stream, reader, group, (await reader.ReadGroupAsync(group, cancellation)).Newest());
        return last.Newest.TryGetValue(key, out var version) ? RecordOf(version) : null;
    }

    /// <summary>Records that were live once and are not in this snapshot, with their last content.</summary>
    public async IAsyncEnumerable<DeletedRecord> ReadDeletedAsync(string stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = await GroupReader.OpenAsync(_core, ViewOf(stream), cancellation);
        await foreach (var group in reader.ReadAsync(0, cancellation))
        {
            foreach (var deleted in DeletedOf(group)) yield return deleted;
        }
    }

    /// <summary>The fields of the stream's records, as observed up to this snapshot.</summary>
    public ObservedSchema SchemaOf(string stream) => ViewOf(stream).State.Schema;

    internal static Record? RecordOf(StoredVersion version) =>
        version.Line is { Operation: RecordOperation.Put, Json: { } json } ? new Record(version.Line.Key, version.Seq, json) { Attachments = version.Line.Attachments } : null;

    private async IAsyncEnumerable<Record> SelectAsync(string stream, RecordSelection selection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = new RecordFilter(new RecordQuery { Filters = selection.Filters, Contains = selection.Contains });
        var after = selection.AfterKey is { } key ? Encoding.UTF8.GetBytes(key) : null;
        await foreach (var record in ReadAsync(stream, cancellation))
        {
            if (after is not null && Encoding.UTF8.GetBytes(record.Key).AsSpan().SequenceCompareTo(after) <= 0) continue;
            if (filter.Matches(record)) yield return record;
        }
    }

    private StreamView ViewOf(string stream) => _view.Get(_manifest, stream);

    /// <summary>The group's records that were live once and are not, in no order.</summary>
    internal static IEnumerable<DeletedRecord> DeletedOf(GroupVersions group)
    {
        // Of an erased record there is nothing to show or to bring back.
        foreach (var versions in group.OldestFirst().Where(version => version.Line.KeyHash is null).GroupBy(version => version.Line.Key, StringComparer.Ordinal))
        {
            // The last word of each run: what came and went within one was never in a snapshot.
            var words = versions.GroupBy(version => version.Seq).Select(word => word.Last()).ToList();
            var lastLive = words.FindLastIndex(IsLive);
            if (lastLive < 0 || lastLive == words.Count - 1) continue;
            var (last, deletion) = (words[lastLive], words[lastLive + 1]);
            yield return new DeletedRecord(versions.Key, deletion.Line.Operation, deletion.Seq, last.Line.Json is null ? null : last.Seq, last.Line.Json);
        }
    }

    private static bool IsLive(StoredVersion version) => version.Line.IsLive;

    /// <summary>The group that was looked in last; a record is mostly asked for after its neighbour.</summary>
    private sealed record LookedIn(string Stream, SingleGroupReader Reader, int Group, IReadOnlyDictionary<string, StoredVersion> Newest);
}
