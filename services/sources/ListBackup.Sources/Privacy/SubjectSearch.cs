using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// One page of a search for a person. Per stream the newest snapshot is searched in live and deleted records, then each older state that was read. A record is told at the newest
/// of those states in which it holds an identifier, so it comes once whatever the number of pages.
/// </summary>
internal sealed class SubjectSearch(BackupVault vault, IReadOnlyList<Identifier> identifiers, int hitsMax, TimeProvider clock, long deadline)
{
    private readonly List<SubjectRecordView> _found = [];

    public IReadOnlyList<SubjectRecordView> Found => _found;

    /// <summary>Searches on from a place; returns where to go on, or null when everything was searched.</summary>
    public async Task<SubjectPlace?> RunAsync(IReadOnlyList<Source> sources, SubjectPlace? from, CancellationToken cancellation)
    {
        foreach (var source in sources)
        {
            var id = source.Id.ToString();
            if (from is not null && string.CompareOrdinal(id, from.Source) < 0) continue;
            var snapshots = new List<Snapshot>();
            await foreach (var snapshot in vault.ListSnapshotsAsync(id, cancellation)) snapshots.Add(snapshot);
            if (snapshots.Count == 0) continue;
            foreach (var stream in snapshots.SelectMany(snapshot => snapshot.Streams).Select(stream => stream.Stream).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                if (from is not null && from.Source == id && string.CompareOrdinal(stream, from.Stream) < 0) continue;
                var here = from is not null && from.Source == id && from.Stream == stream ? from : null;
                if (await SearchStreamAsync(source, stream, StatesOf(snapshots, stream), here, cancellation) is { } next) return next;
            }
        }
        return null;
    }

    // One snapshot for each state of the stream, newest first: those between them hold the same.
    private static IReadOnlyList<long> StatesOf(IEnumerable<Snapshot> snapshots, string stream) =>
    [
        .. from snapshot in snapshots
           let state = snapshot.Streams.FirstOrDefault(s => s.Stream == stream)
           where state is not null
           group snapshot.Seq by state.StateRoot into same
           let newest = same.Max()
           orderby newest descending
           select newest,
    ];

    private async Task<SubjectPlace?> SearchStreamAsync(Source source, string stream, IReadOnlyList<long> states, SubjectPlace? from, CancellationToken cancellation)
    {
        foreach (var seq in states)
        {
            if (from is not null && seq > from.Seq) continue;
            for (var number = from?.Seq == seq ? from.Identifier : 0; number < identifiers.Count; number++)
            {
                var cursor = from?.Seq == seq && from.Identifier == number ? from.Inner : null;
                do
                {
                    if (_found.Count >= hitsMax || clock.GetTimestamp() > deadline) return new(source.Id.ToString(), stream, seq, number, cursor);
                    var page = await vault.SearchAsync(source.Id.ToString(), stream, new()
                    {
                        Text = identifiers[number].Query,
                        Seq = seq,
                        // The last content of whatever was deleted later is live in an older state.
                        Scope = seq == states[0] ? SearchScope.All : SearchScope.Live,
                        Cursor = cursor,
                    }, cancellation);
                    foreach (var hit in page.Hits) await TakeAsync(source, stream, states, seq, number, hit, cancellation);
                    cursor = page.NextCursor;
                }
                while (cursor is not null);
            }
        }
        return null;
    }

    private async Task TakeAsync(Source source, string stream, IReadOnlyList<long> states, long seq, int number, SearchHit hit, CancellationToken cancellation)
    {
        if (identifiers[number].FieldsOf(hit.Json).Count == 0) return;
        var versions = await vault.GetHistoryAsync(source.Id.ToString(), stream, hit.Key, cancellation);
        var held = versions.Select(version => version.Json is { } json ? HeldBy(json) : []).ToList();
        var last = held.FindLastIndex(found => found.Count > 0);
        if (last < 0 || !IsToldAt(seq, number, states, versions, held, last)) return;
        var newest = versions[^1];
        _found.Add(new(
            source.Id,
            source.Name,
            stream,
            hit.Key,
            [.. held.SelectMany(found => found.Select(one => identifiers[one.Number].Text)).Distinct(StringComparer.Ordinal)],
            [.. held[last].SelectMany(found => found.Fields).Distinct(StringComparer.Ordinal)],
            newest.Operation != RecordOperation.Put ? "deleted" : last == held.Count - 1 ? "live" : "changed",
            held.Count(found => found.Count > 0),
            versions[held.FindIndex(found => found.Count > 0)].Seq,
            versions[last].Seq));
    }

    /// <summary>Whether this is the first of all searches that meets the record: the newest state that has its last version with an identifier, by the first identifier in it.</summary>
    private bool IsToldAt(long seq, int number, IReadOnlyList<long> states, IReadOnlyList<RecordVersion> versions, IReadOnlyList<IReadOnlyList<Held>> held, int last)
    {
        var end = last + 1 < versions.Count ? versions[last + 1].Seq : long.MaxValue;
        // What was deleted is met in the newest state by its last content.
        var isLastContent = versions.Skip(last + 1).All(version => version.Operation != RecordOperation.Put);
        var first = isLastContent ? states[0] : states.FirstOrDefault(state => state < end, states[^1]);
        return seq == first && number == held[last].Min(found => found.Number);
    }

    private IReadOnlyList<Held> HeldBy(ReadOnlyMemory<byte> json) =>
        [.. identifiers.Select((identifier, number) => new Held(number, identifier.FieldsOf(json))).Where(held => held.Fields.Count > 0)];

    private sealed record Held(int Number, IReadOnlyList<string> Fields);
}
