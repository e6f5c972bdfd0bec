using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources.Tests;

/// <summary>Writing to the scripted platform: what is created gets a new id, an address exists once, consent is never weakened, and it fails where the test wants it to.</summary>
public sealed class ScriptedWriter(ScriptedPlatform platform) : IPlatformWriter, IRestoreTarget
{
    private static readonly FieldPath Status = FieldPath.Of("status");

    /// <summary>People are told apart by address, and a new one has a status.</summary>
    private static readonly FieldPath[] s_always = [FieldPath.Of("email"), Status];

    private readonly List<RestoreStreamInfo> _streams = [];
    private readonly Dictionary<string, WriteOutcome> _answers = new(StringComparer.Ordinal);
    private int _created;

    /// <summary>Asked before a write takes effect, and after; what it returns is thrown.</summary>
    public Func<WriteRequest, bool, Exception?> Fails { get; set; } = (_, _) => null;

    /// <summary>Records that the platform takes from nobody.</summary>
    public Func<WriteRequest, bool> Refuses { get; set; } = _ => false;

    /// <summary>Records that must not be made anew, and why.</summary>
    public Func<JsonObject, string?> NeverCreates { get; set; } = _ => null;

    /// <summary>Writes that took effect.</summary>
    public List<(WriteKind Kind, string Stream, string Id)> Writes { get; } = [];

    public int Lookups { get; private set; }

    /// <summary>How many records each request brought, of streams that take several.</summary>
    public List<int> Batches { get; } = [];

    public void Add(string stream, MatchKind? match, bool hasIdempotencyKey, params Relation[] references) => Add(stream, match, hasIdempotencyKey, 1, references);

    public void Add(string stream, MatchKind? match, bool hasIdempotencyKey, int batchSize, params Relation[] references) => _streams.Add(new()
    {
        BatchSize = batchSize,
        FindSize = batchSize,
        Name = stream,
        Id = FieldPath.Of("id"),
        Key = [FieldPath.Of("id")],
        Match = match is { } by ? [new(by, [FieldPath.Of("email")])] : [],
        NeedsNewer = true,
        HasIdempotencyKey = hasIdempotencyKey,
        CanCreate = true,
        CanUpdate = true,
        CanUpsert = false,
        CanDelete = true,
        References = references,
        NeverWeaken = [new(FieldPath.Of("status"), ["unsubscribed", "subscribed"])],
    });

    /// <summary>Another way in which the platform takes a stream.</summary>
    public void Change(string stream, Func<RestoreStreamInfo, RestoreStreamInfo> change) => _streams[_streams.FindIndex(s => s.Name == stream)] = change(_streams.Single(s => s.Name == stream));

    public IReadOnlyList<RestoreStreamInfo> Streams => _streams;

    public Task<IRestoreTarget> OpenAsync(OpenConnection connection, CancellationToken cancellation) => Task.FromResult<IRestoreTarget>(this);

    public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation)
    {
        Lookups++;
        var wanted = Prepared(stream, record, null);
        var oldId = (string)JsonNode.Parse(record.Json.Span)!["id"]!;
        var live = Find(stream, record.Ids.Find(stream, oldId) ?? oldId, (string?)wanted["email"]);
        if (live is not { } found)
        {
            var isYes = (string?)JsonNode.Parse(record.Json.Span)!["status"] == "subscribed" && !SaidNo(record);
            return Task.FromResult(new LiveCounterpart
            {
                State = LiveState.Missing,
                Kept = SaidNo(record) ? [Status] : [],
                Withheld = isYes && !record.BringsConsentBack ? [Status] : [],
                Granted = isYes && record.BringsConsentBack ? [Status] : [],
                LeftOut = KeptOf(record).Where(field => !s_always.Contains(field)).ToList(),
                WrittenAnyway = KeptOf(record).Where(s_always.Contains).ToList(),
                NeverCreated = NeverCreates(wanted),
                IsFoundUnderNewId = _streams.Single(s => s.Name == stream).Match.Any(rule => rule.By != MatchKind.LiveId) && wanted["email"] is not null,
            });
        }
        var liveJson = JsonNode.Parse(found.Json)!.AsObject();
        wanted = Prepared(stream, record, liveJson);
        var differences = wanted.Where(field => !JsonNode.DeepEquals(field.Value, liveJson[field.Key])).Select(field => FieldPath.Of(field.Key)).ToList();
        return Task.FromResult(new LiveCounterpart
        {
            State = differences.Count == 0 ? LiveState.Same : LiveState.Differs,
            LiveId = found.Id,
            Json = Encoding.UTF8.GetBytes(found.Json),
            Differences = differences,
            Kept = SaidNo(record) || (string?)liveJson["status"] == "unsubscribed" ? [Status] : [],
        });
    }

    public async Task<LiveCounterparts> FindManyAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation)
    {
        var found = new List<LiveCounterpart>();
        foreach (var record in records) found.Add(await FindAsync(stream, record, cancellation));
        Lookups -= records.Count - 1; // They share a request.
        return new(found, 1);
    }

    public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation)
    {
        if (Fails(request, false) is { } before) throw before;
        if (Refuses(request)) return Task.FromResult(new WriteOutcome { Result = WriteResult.Refused, Reason = "The platform says no." });
        var hasKey = _streams.Single(s => s.Name == request.Stream).HasIdempotencyKey;
        if (!hasKey || !_answers.TryGetValue(request.IdempotencyKey, out var outcome)) outcome = _answers[request.IdempotencyKey] = Write(request);
        if (Fails(request, true) is { } after) throw after;
        return Task.FromResult(outcome);
    }

    /// <summary>A batch is taken record by record and answered at its end: whoever is cut off meanwhile knows of none, though some took effect.</summary>
    public async IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var size = requests.Count == 0 ? 1 : _streams.Single(s => s.Name == requests[0].Stream).BatchSize;
        foreach (var batch in requests.Chunk(size))
        {
            if (size > 1) Batches.Add(batch.Length);
            var outcomes = new List<WriteOutcome>();
            foreach (var request in batch) outcomes.Add(await WriteAsync(request, cancellation));
            foreach (var outcome in outcomes) yield return outcome;
        }
    }

    /// <summary>What a write refers to, as it is sent.</summary>
    public IEnumerable<(string Stream, string Id)> Sent(WriteRequest request)
    {
        var json = Prepared(request.Stream, request.Record, null);
        foreach (var reference in _streams.Single(s => s.Name == request.Stream).References)
        {
            if ((string?)json[reference.Field.Keys[0]] is { } id) yield return (reference.Stream, id);
        }
    }

    private WriteOutcome Write(WriteRequest request)
    {
        var records = platform[request.Stream];
        if (request.Kind == WriteKind.Delete)
        {
            if (!records.Records.Remove(request.LiveId!)) return new() { Result = WriteResult.Unchanged };
            Writes.Add((request.Kind, request.Stream, request.LiveId!));
            return new() { Result = WriteResult.Deleted };
        }
        var live = request.Kind == WriteKind.Update ? JsonNode.Parse(records.Records[request.LiveId!].Json)!.AsObject() : null;
        var json = Prepared(request.Stream, request.Record, live);
        var id = request.Kind == WriteKind.Create ? $"n{++_created}" : request.LiveId!;
        var stored = new JsonObject { ["id"] = id };
        foreach (var (name, value) in json) stored[name] = value?.DeepClone();
        records.PutJson(id, stored.ToJsonString());
        Writes.Add((request.Kind, request.Stream, id));
        return new() { Result = request.Kind == WriteKind.Create ? WriteResult.Created : WriteResult.Updated, NewId = id, Unmapped = Unmapped(request) };
    }

    private List<FieldPath> Unmapped(WriteRequest request)
    {
        var json = JsonNode.Parse(request.Record.Json.Span)!;
        return [.. _streams.Single(s => s.Name == request.Stream).References.Where(r => (string?)json[r.Field.Keys[0]] is { } id && request.Record.Ids.Find(r.Stream, id) is null).Select(r => r.Field)];
    }

    private (string Id, string Json)? Find(string stream, string id, string? email)
    {
        var records = platform[stream].Records;
        if (records.TryGetValue(id, out var byId)) return (id, byId.Json);
        return email is null ? null : records.Where(r => (string?)JsonNode.Parse(r.Value.Json)!["email"] == email).Select(r => ((string, string)?)(r.Key, r.Value.Json)).FirstOrDefault();
    }

    private JsonObject Prepared(string stream, RestoreRecord record, JsonObject? live)
    {
        var json = JsonNode.Parse(record.Json.Span)!.AsObject();
        json.Remove("id");
        foreach (var reference in _streams.Single(s => s.Name == stream).References)
        {
            var field = reference.Field.Keys[0];
            if ((string?)json[field] is { } old && record.Ids.Find(reference.Stream, old) is { } now) json[field] = now;
        }
        var comesBackWithoutYes = live is null && !record.BringsConsentBack && json.ContainsKey("status");
        if ((string?)live?["status"] == "unsubscribed" || SaidNo(record) || comesBackWithoutYes) json["status"] = "unsubscribed";
        foreach (var kept in KeptOf(record))
        {
            var field = kept.Keys[0];
            if (live is null && !s_always.Contains(kept)) json.Remove(field);
            else if (live is null) continue;
            else if (live.ContainsKey(field)) json[field] = live[field]?.DeepClone();
            else json.Remove(field);
        }
        return json;
    }

    /// <summary>Top-level fields of the record that stay as they are; its id is never sent.</summary>
    private static List<FieldPath> KeptOf(RestoreRecord record) => record.Fields is not { } fields ? [] :
        [.. JsonNode.Parse(record.Json.Span)!.AsObject().Select(member => FieldPath.Of(member.Key)).Where(field => field.Keys[0] != "id" && fields.IsKept(field))];

    private static bool SaidNo(RestoreRecord record) => record.Newer.Count > 0 && (string?)JsonNode.Parse(record.Newer[0].Span)!["status"] == "unsubscribed";
}
