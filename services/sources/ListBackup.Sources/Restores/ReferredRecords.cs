using System.Text.Json;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>
/// Finds out where the records live that others refer to: what this restore neither writes nor has compared may be at the target under its own id, under another, or
/// not at all. Planning and applying ask in the same way, so a plan compares what is written.
/// </summary>
public sealed class ReferredRecords(RestoreSession session, RestoreItems items)
{
    /// <summary>Many records refer to the same few; beyond this, about 10 MB, it is forgotten who was looked up.</summary>
    private const int KnownMax = 50_000;

    /// <summary>The id now; null when it is not there.</summary>
    private readonly Dictionary<RecordName, string?> _known = [];

    /// <summary>Keeps what a look-up told, and for ever where the record lives under another id than was known: whoever refers to it is sent there from now on.</summary>
    /// <param name="oldId">The id that the record had when it was backed up.</param>
    public async Task RememberAsync(string stream, string oldId, RestoreRecord record, LiveCounterpart live, CancellationToken cancellation)
    {
        // What nobody refers to would only make what is referred to be forgotten: memberships are many, and their contacts are looked up for each.
        if (session.IsReferredTo(stream)) Know(new(stream, oldId), live.State == LiveState.Missing ? null : live.LiveId ?? oldId);
        if (live.LiveId is { } id && id != (record.Ids.Find(stream, oldId) ?? oldId)) await items.MapAsync(session.Job, session.ConnectionId, new(stream, oldId, id), cancellation);
    }

    /// <summary>The same records with the ids of all that they refer to and that is there, and the requests that it took.</summary>
    public async Task<(IReadOnlyList<RestoreRecord> Records, long Requests)> ResolveAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation)
    {
        var references = References.Writable(session.InfoOf(stream)).ToList();
        if (references.Count == 0) return (records, 0);
        var named = records.Select(record => Named(record, references)).ToList();
        var requests = 0L;
        foreach (var wanted in named.SelectMany(names => names).Where(name => !_known.ContainsKey(name)).Distinct().GroupBy(name => name.Stream)) requests += await LookAsync(wanted.Key, [.. wanted], cancellation);
        return ([.. records.Zip(named, Resolved)], requests);
    }

    /// <summary>What a record refers to and no earlier write or look-up of a restore has told of.</summary>
    private static List<RecordName> Named(RestoreRecord record, IReadOnlyList<Connectors.Relation> references)
    {
        using var document = JsonDocument.Parse(record.Json);
        return [.. references.SelectMany(reference => References.Ids(document.RootElement, reference).Select(id => new RecordName(reference.Stream, id))).Where(name => name.Key.Length > 0 && record.Ids.Find(name.Stream, name.Key) is null)];
    }

    private RestoreRecord Resolved(RestoreRecord record, IReadOnlyList<RecordName> named)
    {
        var found = new KnownIds();
        foreach (var name in named)
        {
            if (_known.GetValueOrDefault(name) is { } id) found.Add(name, id);
        }
        return record with { Ids = new BothIds(record.Ids, found) };
    }

    private async Task<long> LookAsync(string stream, IReadOnlyList<RecordName> names, CancellationToken cancellation)
    {
        var requests = 0L;
        var info = session.Target.Streams.FirstOrDefault(s => s.Name == stream);
        foreach (var page in names.Chunk(info?.FindSize ?? 1))
        {
            var asked = new List<(RecordName Name, RestoreRecord Record)>();
            foreach (var name in page)
            {
                if (info is null || info.Match.Count == 0 || info.Key.Count != 1 || !session.HasSeen(stream)) Know(name, name.Key); // Nobody can ask for it, and not knowing is not missing.
                else if (await session.LastSeenAsync(stream, name.Key, cancellation) is not { } json) Know(name, Unseen(name));
                else asked.Add((name, await session.WithIdsAsync(stream, name.Key, json, cancellation)));
            }
            if (asked.Count == 0) continue;
            var live = await session.Target.FindManyAsync(stream, [.. asked.Select(one => one.Record)], cancellation);
            requests += live.Requests;
            foreach (var ((name, record), counterpart) in asked.Zip(live.Records)) await RememberAsync(stream, name.Key, record, counterpart, cancellation);
        }
        return requests;
    }

    /// <summary>A backup holds whole streams, so what it lacks was not there. Some platforms write 0 where nothing is referred to.</summary>
    private static string? Unseen(RecordName name) => name.Key == "0" ? name.Key : null;

    private void Know(RecordName name, string? id)
    {
        if (_known.Count == KnownMax) _known.Clear();
        _known[name] = id;
    }

    private sealed class BothIds(IIdMap first, IIdMap second) : IIdMap
    {
        public string? Find(string stream, string oldId) => first.Find(stream, oldId) ?? second.Find(stream, oldId);
    }
}
