using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>Compares the snapshot with the live platform, record by record, and writes the plan. Nothing is written to the platform.</summary>
public sealed class RestorePlanning(RestoreItems items, TimeProvider clock)
{
    /// <summary>A larger plan nobody reviews; such a restore is made in parts.</summary>
    public const long ItemsMax = 500_000;

    /// <summary>True when the plan is complete; false when time ran out or the job is no longer ours.</summary>
    public async Task<bool> WorkAsync(RestoreSession session, JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var draft = new PlanDraft(items, lease, clock);
        try
        {
            return await TakeStreamsAsync(session, draft, deadline, cancellation) && await TakeKeptAsync(session, draft, deadline, cancellation);
        }
        catch (PlatformException)
        {
            // A platform that fails again and again must not cost what it told in between.
            await draft.SaveAsync(cancellation);
            throw;
        }
    }

    private async Task<bool> TakeStreamsAsync(RestoreSession session, PlanDraft draft, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var detail = session.Job.Restore!; // A restore job is made with it.
        var later = new LaterRecords(session, detail);
        while (draft.Progress.StreamIndex < detail.Streams.Count)
        {
            var stream = detail.Streams[draft.Progress.StreamIndex];
            var candidates = RestoreCandidates.InOrderAsync(session, detail, stream, cancellation).Skip(checked((int)draft.Progress.Taken));
            await foreach (var page in candidates.Chunk(session.InfoOf(stream).FindSize).WithCancellation(cancellation))
            {
                draft.Progress = await TakeAsync(session, detail, later, stream, page, draft, cancellation);
                if (draft.Progress.Items + draft.Progress.Kept > ItemsMax) throw Domain.Problem.Conflict($"The plan has more than {ItemsMax:N0} records. Restore fewer streams at a time.", "plan-too-large");
                var isOver = clock.GetUtcNow() >= deadline;
                if ((isOver || draft.IsDue) && !await draft.SaveAsync(cancellation)) return false;
                if (isOver) return false;
            }
            draft.Progress = draft.Progress.StreamDone(session.InfoOf(stream));
            if (!await draft.SaveAsync(cancellation)) return false;
        }
        return true;
    }

    /// <summary>The plan's end: writes that have to come after all creations.</summary>
    private async Task<bool> TakeKeptAsync(RestoreSession session, PlanDraft draft, DateTimeOffset deadline, CancellationToken cancellation)
    {
        while (draft.Progress is { } progress && progress.KeptTaken < progress.Kept)
        {
            draft.Add(await items.KeptAsync(session.Job.Id, progress.KeptTaken, cancellation) with { Number = progress.Items });
            draft.Progress = progress = progress with { KeptTaken = progress.KeptTaken + 1, Items = progress.Items + 1 };
            var isOver = clock.GetUtcNow() >= deadline;
            if ((isOver || draft.IsDue || progress.KeptTaken == progress.Kept) && !await draft.SaveAsync(cancellation)) return false;
            if (isOver && progress.KeptTaken < progress.Kept) return false;
        }
        return true;
    }

    /// <summary>Looks candidates of one stream up together and plans each.</summary>
    private async Task<PlanProgress> TakeAsync(
        RestoreSession session, RestoreDetail detail, LaterRecords later, string stream, IReadOnlyList<Candidate> page, PlanDraft draft, CancellationToken cancellation)
    {
        var progress = draft.Progress;
        var prepared = new Dictionary<Candidate, PreparedRecord>(ReferenceEqualityComparer.Instance);
        var (erased, barred) = (await session.ErasedAsync(cancellation), new Dictionary<Candidate, string>(ReferenceEqualityComparer.Instance));
        foreach (var candidate in page)
        {
            if (erased.WhyNot(session.InfoOf(stream), candidate.Key, candidate.Json) is { } why) barred[candidate] = why;
            else if (candidate.Json is { } json) prepared[candidate] = await session.PrepareAsync(stream, candidate.Key, json, cancellation);
        }
        var records = prepared.ToDictionary(pair => pair.Key, pair => pair.Value.Record, (IEqualityComparer<Candidate>)ReferenceEqualityComparer.Instance);
        (var live, progress) = await LookAsync(session, stream, records, progress, cancellation);
        // What need not be written is found under another id as well, and those that refer to it are planned and written after it.
        foreach (var (candidate, counterpart) in live) await session.Referred.RememberAsync(stream, prepared[candidate].OldId, records[candidate], counterpart, cancellation);
        (var changed, progress) = await ChangedSinceBackupAsync(session, detail, stream, live, progress, cancellation);
        foreach (var candidate in page)
            progress = await TakeAsync(session, detail, later, stream, candidate, barred.GetValueOrDefault(candidate), live.GetValueOrDefault(candidate), changed.GetValueOrDefault(candidate), draft, progress, cancellation);
        return progress;
    }

    private async Task<(Dictionary<Candidate, LiveCounterpart> Live, PlanProgress Progress)> LookAsync(
        RestoreSession session, string stream, IReadOnlyDictionary<Candidate, RestoreRecord> records, PlanProgress progress, CancellationToken cancellation)
    {
        var live = new Dictionary<Candidate, LiveCounterpart>(ReferenceEqualityComparer.Instance);
        if (records.Count == 0) return (live, progress);
        var began = clock.GetTimestamp();
        var (resolved, requests) = await session.Referred.ResolveAsync(stream, [.. records.Values], cancellation);
        var looked = await session.Target.FindManyAsync(stream, resolved, cancellation);
        foreach (var (candidate, counterpart) in records.Keys.Zip(looked.Records)) live[candidate] = counterpart;
        return (live, progress.LookedUp(records.Count, looked.Requests + requests, clock.GetElapsedTime(began)));
    }

    /// <param name="barred">Why the person must not come back; null when nothing speaks against it.</param>
    /// <param name="live">Null when the snapshot does not have the candidate.</param>
    private async Task<PlanProgress> TakeAsync(
        RestoreSession session, RestoreDetail detail, LaterRecords later, string stream, Candidate candidate, string? barred, LiveCounterpart? live, Conflict conflict, PlanDraft draft,
        PlanProgress progress, CancellationToken cancellation)
    {
        progress = progress with { Taken = progress.Taken + 1 };
        if (barred is not null)
            return Add(progress, Item(PlanAction.Refuse) with { State = ItemState.Refused, Note = barred, Outcome = barred });
        if (live is null)
            return Add(progress, Item(PlanAction.Skip) with { Note = $"It was not there in snapshot {detail.Seq}." });

        var info = session.InfoOf(stream);
        var kept = Pointers(live.Kept);
        switch (live.State)
        {
            case LiveState.Same:
                return detail.Selection.Kind == RestoreKind.Records
                    ? Add(progress, Item(PlanAction.Skip) with { Note = "It is on the platform as it was.", LiveId = live.LiveId, KeptConsent = kept })
                    : progress with { Same = progress.Same + 1 };
            case LiveState.Missing when live.NeverCreated is { } why:
                return Add(progress, Item(PlanAction.Refuse) with { State = ItemState.Refused, Note = why, Outcome = why });
            case LiveState.Missing when info.CanCreate || info.CanUpsert:
                return await CreateAsync(await later.OfAsync(stream, candidate, cancellation));
            case LiveState.Missing:
                return Add(progress, Item(PlanAction.Skip) with { Note = "The platform does not let it be created again." });
            default:
                return await UpdateAsync(live, kept);
        }

        async Task<PlanProgress> CreateAsync(IReadOnlyList<Relation> waiting)
        {
            var consent = Notes(ConsentNote(live!), FieldsNote(live!)); // Looked up before.
            var create = Item(PlanAction.Create) with { KeptConsent = kept, Note = consent, Awaits = [.. waiting.Select(reference => StreamPlan.Pointer(reference.Field))] };
            if (waiting.Count == 0) return Add(progress, create);
            var fields = string.Join(", ", create.Awaits);
            if (!info.CanUpdate && !info.CanUpsert)
            {
                var warning = $"{stream}: Records refer to each other in a circle, and the platform lets none be changed. They come back without {fields}.";
                progress = progress.Warnings.Contains(warning) ? progress : progress with { Warnings = [.. progress.Warnings, warning] };
                return Add(progress, create with { Note = Joined($"It comes back without {fields}: what it refers to is created after it, and the platform lets nothing be changed.", consent) });
            }
            progress = Keep(progress, Item(PlanAction.Update) with { Completes = create.Number, Fields = create.Awaits, WithheldConsent = [], BroughtBackConsent = [], Note = $"The second write of item {create.Number}: what it refers to is there then." });
            return Add(progress with { SecondWrites = progress.SecondWrites + 1 }, create with { Note = Joined($"It is created without {fields}; a second write sets that once what it refers to is there.", consent) });
        }

        async Task<PlanProgress> UpdateAsync(LiveCounterpart counterpart, IReadOnlyList<string> keptConsent)
        {
            var update = Item(PlanAction.Update) with { LiveId = counterpart.LiveId, Fields = Pointers(counterpart.Differences), KeptConsent = keptConsent, Note = AddressNote(info, counterpart) ?? ConsentNote(counterpart) ?? SetNote(counterpart) };
            if (!info.CanUpdate && !info.CanUpsert)
                return Add(progress, update with { Action = PlanAction.Skip, Note = "The platform does not let it be changed." });
            if (detail.Selection.Kind == RestoreKind.Deletions)
                return Add(progress, update with { Action = PlanAction.Skip, Note = "It is on the platform again, with other content. Only deletions are restored." });
            if (conflict == Conflict.Overwritten) update = update with { Note = "It was changed on the platform since the last backup; that change is overwritten." };
            if (conflict != Conflict.Kept)
            {
                // What it refers to may have to be created first; it is there already, so it can wait as a whole.
                return (await later.OfAsync(stream, candidate, cancellation)).Count == 0
                    ? Add(progress, update)
                    : Keep(progress with { Updates = progress.Updates + 1 }, update);
            }
            return Add(progress, update with { Action = PlanAction.Skip, Note = "It was changed on the platform since the last backup; that change is kept. Plan again with conflicts: overwrite to restore it nevertheless." });
        }

        PlanItem Item(PlanAction action) => new()
        {
            Number = progress.Items,
            Stream = stream,
            Key = candidate.Key,
            Action = action,
            WithheldConsent = Pointers(live?.Withheld ?? []),
            BroughtBackConsent = Pointers(live?.Granted ?? []),
        };

        PlanProgress Keep(PlanProgress before, PlanItem item)
        {
            draft.Keep(before.Kept, item);
            return CountedConsent(before, item) with { Kept = before.Kept + 1, StreamWrites = before.StreamWrites + 1 };
        }

        PlanProgress Add(PlanProgress before, PlanItem item)
        {
            draft.Add(item);
            return CountedConsent(before, item) with
            {
                Items = before.Items + 1,
                Creates = before.Creates + (item.Action == PlanAction.Create ? 1 : 0),
                Updates = before.Updates + (item.Action == PlanAction.Update ? 1 : 0),
                Skips = before.Skips + (item.Action == PlanAction.Skip ? 1 : 0),
                Refused = before.Refused + (item.Action == PlanAction.Refuse ? 1 : 0),
                StreamWrites = before.StreamWrites + (item.Action is PlanAction.Create or PlanAction.Update ? 1 : 0),
            };
        }
    }

    private static PlanProgress CountedConsent(PlanProgress progress, PlanItem item) => item.Action is not (PlanAction.Create or PlanAction.Update) ? progress : progress with
    {
        WithoutConsent = progress.WithoutConsent + (item.WithheldConsent.Count > 0 ? 1 : 0),
        WithConsent = progress.WithConsent + (item.BroughtBackConsent.Count > 0 ? 1 : 0),
    };

    /// <summary>Whether a record was changed on the platform since the last backup, and what becomes of that.</summary>
    private enum Conflict
    {
        None,
        Kept,
        Overwritten,
    }

    private static string? Notes(string? one, string? other) => one is null ? other : Joined(one, other);

    private static string? FieldsNote(LiveCounterpart live)
    {
        var without = live.LeftOut.Count == 0 ? null : $"It is made anew without {string.Join(", ", Pointers(live.LeftOut))}, as this restore was asked to do.";
        return Notes(without, live.WrittenAnyway.Count == 0 ? null : $"It is made anew with {string.Join(", ", Pointers(live.WrittenAnyway))} all the same: it cannot be without.");
    }

    private static string Joined(string note, string? consent) => consent is null ? note : $"{note} {consent}";

    private static List<string> Pointers(IEnumerable<FieldPath> fields) => [.. fields.Distinct().Select(StreamPlan.Pointer)];

    private static string? AddressNote(RestoreStreamInfo info, LiveCounterpart live) => info.NeverWeaken.Any(rule => rule.Address is { } address && live.Kept.Contains(address))
        ? "Its address stays as it is now: with the old one, a no that was said with the new one would be lost."
        : null;

    private static string? SetNote(LiveCounterpart live) => live.Stayed.Count == 0 ? null : $"What was added to {string.Join(", ", Pointers(live.Stayed))} since stays.";

    private static string? ConsentNote(LiveCounterpart live) => live switch
    {
        { Withheld.Count: > 0 } => "It was deleted since, so it comes back without the consent that the snapshot has.",
        { Granted.Count: > 0 } => "It was deleted since and comes back with its consent, as this restore was asked to do.",
        _ => null,
    };

    /// <summary>The third way of the comparison: does the live record still look as the newest backup has it? Without a base nobody can tell, and it counts as unchanged.</summary>
    private async Task<(IReadOnlyDictionary<Candidate, Conflict> Changed, PlanProgress Progress)> ChangedSinceBackupAsync(
        RestoreSession session, RestoreDetail detail, string stream, IReadOnlyDictionary<Candidate, LiveCounterpart> live, PlanProgress progress, CancellationToken cancellation)
    {
        var info = session.InfoOf(stream);
        var bases = new Dictionary<Candidate, RestoreRecord>(ReferenceEqualityComparer.Instance);
        foreach (var (candidate, _) in live.Where(pair => pair.Value.State == LiveState.Differs))
        {
            if (candidate.Base is { } known && detail.Selection.Kind != RestoreKind.Deletions && (info.CanUpdate || info.CanUpsert))
                bases[candidate] = await session.WithIdsAsync(stream, candidate.Key, known, cancellation) with { HasExactSets = session.HasExactSets, Fields = session.FieldsOf(stream) };
        }
        // Applying does not ask this again.
        var (now, asked) = await LookAsync(session, stream, bases, progress, cancellation);
        progress = asked with { StreamLooked = progress.StreamLooked, StreamLookups = progress.StreamLookups };
        // A change in a field that is kept is none here; one in a field that is to be overwritten stands in nobody's way.
        var changed = now.Where(pair => pair.Value.State == LiveState.Differs).ToDictionary(
            pair => pair.Key,
            pair => detail.Conflicts == ConflictRule.Overwrite || detail.Fields is { } fields && pair.Value.Differences.All(fields.IsOverwritten) ? Conflict.Overwritten : Conflict.Kept,
            (IEqualityComparer<Candidate>)ReferenceEqualityComparer.Instance);
        return (changed, progress);
    }
}
