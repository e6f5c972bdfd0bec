using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

internal sealed partial class RestoreExecution
{
    public async Task<LiveCounterpart> FindAsync(string name, RestoreRecord record, CancellationToken cancellation) =>
        (await FindManyAsync(name, [record], cancellation)).Records[0];

    public async Task<LiveCounterparts> FindManyAsync(string name, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation)
    {
        var stream = program.Find(name);
        var session = OpenSession(name);
        var lookups = records.Select(record => Wanted(stream, record, null, session)).ToList();
        await LookAsync(stream, lookups, session, cancellation);

        return new LiveCounterparts([.. records.Zip(lookups, (record, lookup) => Counterpart(stream, record, lookup.Found, session))], session.Evidence.Requests);
    }

    private static LiveCounterpart Counterpart(RestoreStream stream, RestoreRecord record, FoundRecord? found, Session session)
    {
        if (found is null)
            return Missing(stream, record, session);

        var prepared = PreparedRecord.Of(stream, record, found.Live);
        var differences = prepared.Differences(found.Live, stream);

        return new LiveCounterpart
        {
            State = differences.Count == 0 ? LiveState.Same : LiveState.Differs,
            LiveId = Id(stream, found.Live),
            Json = ValueJson.ToBytes(found.Live),
            FoundBy = found.By,
            Differences = differences,
            Kept = prepared.Kept,
            Stayed = prepared.Stayed,
            Withheld = prepared.Consent.Withheld,
            Granted = prepared.Consent.Granted,
        };
    }

    private static Lookup Wanted(RestoreStream stream, RestoreRecord record, string? liveId, Session session)
    {
        var prepared = PreparedRecord.Of(stream, record, Value.Undefined);
        var wanted = liveId is null ? prepared.Translated : ValuePaths.Change(prepared.Translated, stream.Id.Keys, _ => Value.Of(liveId));

        return new Lookup(wanted, Context(session, prepared.Original, wanted, Value.Undefined, liveId ?? Id(stream, wanted)));
    }

    private static async Task<FoundRecord?> LookAsync(RestoreStream stream, RestoreRecord record, string? liveId, Session session, CancellationToken cancellation)
    {
        var lookup = Wanted(stream, record, liveId, session);
        await LookAsync(stream, [lookup], session, cancellation);

        return lookup.Found;
    }

    /// <summary>Each record by each rule in turn until one finds it; those that a rule takes together in as few requests as it can.</summary>
    private static async Task LookAsync(RestoreStream stream, IReadOnlyList<Lookup> lookups, Session session, CancellationToken cancellation)
    {
        foreach (var rule in stream.Find)
        {
            var open = lookups.Where(lookup => lookup.Found is null && Applies(rule, lookup.Wanted, stream)).ToList();
            if (open.Count > 1 && rule.Batch is { } batch)
            {
                await AskManyAsync(stream, rule, batch, open, session, cancellation);

                continue;
            }

            foreach (var lookup in open)
                await AskAsync(stream, rule, lookup, session, cancellation);
        }
    }

    private static async Task AskAsync(RestoreStream stream, FindRule rule, Lookup lookup, Session session, CancellationToken cancellation)
    {
        var context = lookup.Context;
        var requester = Requester(stream, isRepeatable: true, answer => rule.IsMissing((int)answer.Status) || answer.IsGood && rule.Request.IsRefused(answer, context));
        using var answer = await requester.SendAsync(rule.Request.Build(requester, context, Value.Undefined), context, session, cancellation);
        if (!answer.IsGood || rule.Request.IsRefused(answer, context))
            return;
        if (Match(rule, answer.Json, lookup.Wanted, context) is { Kind: ValueKind.Map } live)
            lookup.Found = new FoundRecord(ValueJson.Detached(live), rule.Match.By);
    }

    /// <summary>Whoever an answer leaves open is asked for again in halves, and at last alone: the single request is what decides.</summary>
    private static async Task AskManyAsync(
        RestoreStream stream, FindRule rule, FindBatch batch, List<Lookup> lookups, Session session, CancellationToken cancellation)
    {
        var parts = new Stack<List<FindItem>>(batch.Groups(lookups.Select(lookup => FindItem.Of(lookup, batch)).ToList()));
        while (parts.TryPop(out var part))
        {
            if (part.Count == 1)
            {
                await AskAsync(stream, rule, part[0].Lookup, session, cancellation);

                continue;
            }

            var open = await AskTogetherAsync(stream, rule, batch, part, session, cancellation);
            if (open.Count > 1)
                parts.Push(open[(open.Count / 2)..]);
            if (open.Count > 0)
                parts.Push(open[..Math.Max(open.Count / 2, 1)]);
        }
    }

    /// <returns>Those about whom the answer does not tell what the rule alone would tell.</returns>
    private static async Task<List<FindItem>> AskTogetherAsync(
        RestoreStream stream, FindRule rule, FindBatch batch, List<FindItem> items, Session session, CancellationToken cancellation)
    {
        var context = items[0].Lookup.Context.With(Variable.Items, Value.Of(items.DistinctBy(item => item.Key).Select(item => item.Value)));
        var requester = Requester(stream, isRepeatable: true, answer => batch.IsAnswer(answer, context));
        using var answer = await requester.SendAsync(batch.Request.Build(requester, context, Value.Undefined), context, session, cancellation);
        if (batch.Missing.Contains((int)answer.Status))
            return [];
        if (!answer.IsGood || batch.Request.IsRefused(answer, context) || ValuePaths.Get(answer.Json, batch.Records) is not { Kind: ValueKind.List } candidates
            || candidates.List.Count >= batch.Most)
        {
            return items;
        }

        var (byKey, hasStrangers) = Candidates(batch, candidates, items, context);
        var absent = batch.Errors is { } errors ? WriteBatch.Entries(errors.Records, answer.Json).SelectMany(error => errors.Match.AnsweredKeys(context, error)).ToHashSet(StringComparer.Ordinal) : null;
        var open = new List<FindItem>();
        foreach (var item in items)
        {
            var matches = byKey[item.Key!].Where(live => IsMatch(rule, live, item.Lookup.Wanted, item.Lookup.Context)).Take(2).ToList(); // One without a key goes alone.
            if (matches.Count == 1)
                item.Lookup.Found = new FoundRecord(ValueJson.Detached(matches[0]), rule.Match.By);
            else if (matches.Count > 1)
                await AskAsync(stream, rule, item.Lookup, session, cancellation); // Which of them comes first, the platform says.
            else if (absent is null ? hasStrangers : !(batch.Errors!.Match.SentKey(item.Lookup.Context) is { } key && absent.Contains(key)))
                open.Add(item);
        }

        return open;
    }

    /// <summary>The candidates by the key that they have in common with a record, and whether there is one besides that nobody's key explains: it may be any of those not found.</summary>
    private static (ILookup<string, Value> ByKey, bool HasStrangers) Candidates(FindBatch batch, Value candidates, List<FindItem> items, ExpressionContext context)
    {
        var asked = items.Select(item => item.Key!).ToHashSet(StringComparer.Ordinal);
        var keyed = new List<(string Key, Value Live)>();
        var hasStrangers = false;
        foreach (var candidate in candidates.List)
        {
            var live = batch.Request.Record is { } place ? ValuePaths.Get(candidate, place.Keys) : candidate;
            var keys = batch.Match.AnsweredKeys(context, candidate).Where(asked.Contains).Distinct(StringComparer.Ordinal).ToList();
            hasStrangers |= keys.Count == 0;
            if (live.Kind == ValueKind.Map)
                keyed.AddRange(keys.Select(key => (key, live)));
        }

        return (keyed.ToLookup(pair => pair.Key, pair => pair.Live, StringComparer.Ordinal), hasStrangers);
    }
}
