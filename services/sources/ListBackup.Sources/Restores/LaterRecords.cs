using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>
/// Tells which references of a record can only be set by a second write: those to records that the platform does not have and that this restore creates after it,
/// because streams or records refer to each other in a circle.
/// </summary>
public sealed class LaterRecords(RestoreSession session, RestoreDetail detail)
{
    /// <summary>Many records may refer to the same few; beyond this it is forgotten who was looked up.</summary>
    private const int KnownMax = 10_000;

    private readonly Dictionary<RecordName, bool> _comeLater = [];

    /// <summary>The references of a record that have to wait; empty for all but circles.</summary>
    public async Task<IReadOnlyList<Relation>> OfAsync(string stream, Candidate candidate, CancellationToken cancellation)
    {
        var later = detail.Streams.SkipWhile(name => name != stream).Skip(1).ToList();
        var references = References.Writable(session.InfoOf(stream)).Where(r => r.Stream == stream ? candidate.Later.Count > 0 : later.Contains(r.Stream)).ToList();
        if (references.Count == 0 || candidate.Json is not { } json) return [];

        using var document = JsonDocument.Parse(json);
        var waiting = new List<Relation>();
        foreach (var reference in references)
        {
            var ids = References.Ids(document.RootElement, reference).Where(id => reference.Stream != stream || candidate.Later.Contains(id));
            foreach (var id in ids)
            {
                if (!await ComesLaterAsync(new(reference.Stream, id), cancellation)) continue;
                waiting.Add(reference);
                break;
            }
        }
        return waiting;
    }

    private async Task<bool> ComesLaterAsync(RecordName name, CancellationToken cancellation)
    {
        if (_comeLater.TryGetValue(name, out var known)) return known;
        if (_comeLater.Count == KnownMax) _comeLater.Clear();
        return _comeLater[name] = await IsCandidateAsync(name, cancellation) is { } json && await IsMissingAsync(name, json, cancellation);
    }

    /// <summary>Its content when the restore looks at it; a vault key of one field is the id itself.</summary>
    private async Task<ReadOnlyMemory<byte>?> IsCandidateAsync(RecordName name, CancellationToken cancellation)
    {
        if (detail.Selection.Records?.Contains(name) == false) return null;
        if ((await session.Reader.FindAsync(name.Stream, name.Key, cancellation))?.Json is not { } json) return null;
        if (await session.InBaseAsync(name.Stream, name.Key, cancellation) is not { } newest) return json;
        if (detail.Selection.Kind == RestoreKind.Deletions || newest.Span.SequenceEqual(json.Span)) return null;
        return json;
    }

    private async Task<bool> IsMissingAsync(RecordName name, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var info = session.InfoOf(name.Stream);
        if (!info.CanCreate && !info.CanUpsert) return false;
        var prepared = await session.PrepareAsync(name.Stream, name.Key, json, cancellation);
        return (await session.Target.FindAsync(name.Stream, prepared.Record, cancellation)).State == LiveState.Missing;
    }
}
