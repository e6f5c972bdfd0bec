using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// Writes the plan's records to the platform, each exactly once: the intent is stored before a request goes out and the outcome after it; what was cut off in
/// between is looked up on the platform before anything is repeated.
/// </summary>
public sealed class RestoreApplying(RestoreItems items, TimeProvider clock)
{
    private const int SaveEvery = 10;
    private const int LookedUpAheadMax = 25;

    /// <summary>On a platform that answers slowly nothing is gained by looking further ahead: it waits for the platform, not for the disk.</summary>
    private static readonly TimeSpan LookAheadMax = TimeSpan.FromSeconds(1);

    /// <summary>What was seen on the platform longer ago is looked at again before it is written, above all for consent.</summary>
    private static readonly TimeSpan SeenMax = TimeSpan.FromSeconds(10);

    /// <summary>True when every item has its outcome; false when time ran out or the job is no longer ours.</summary>
    public async Task<bool> WorkAsync(RestoreSession session, JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var count = lease.Job.Restore!.Plan.Items; // A restore job is made with it.
        var progress = lease.Job.Restore.Apply;
        while (progress.NextNumber < count)
        {
            if (await ApplyAsync(session, lease, progress, count, deadline, cancellation) is not { } applied) return false;
            var before = progress.NextNumber;
            // One that was put off stays in front of those after it, which are counted when it is done.
            foreach (var item in applied.OrderBy(item => item.Number).TakeWhile((item, index) => item.Number == before + index)) progress = Counted(progress, item) with { NextNumber = progress.NextNumber + 1 };
            var isOver = clock.GetUtcNow() >= deadline;
            if ((isOver || progress.NextNumber / SaveEvery > before / SaveEvery || progress.NextNumber == count) && !await SaveAsync(lease, progress, cancellation)) return false;
            if (isOver && progress.NextNumber < count) return false;
        }
        return true;
    }

    private static Task<bool> SaveAsync(JobLease lease, ApplyProgress progress, CancellationToken cancellation) =>
        lease.RenewAsync(job => job with { Restore = job.Restore! with { Apply = progress } }, cancellation);

    private static ApplyProgress Counted(ApplyProgress progress, PlanItem item) => item.State switch
    {
        ItemState.Updated when item.Completes is not null => progress with { Completed = progress.Completed + 1 },
        ItemState.Created => progress with { Created = progress.Created + 1 },
        ItemState.Updated => progress with { Updated = progress.Updated + 1 },
        ItemState.Refused => progress with { Refused = progress.Refused + 1 },
        ItemState.Uncertain => progress with { Uncertain = progress.Uncertain + 1 },
        _ => progress with { Left = progress.Left + 1 },
    };

    /// <summary>The next items: one, or as many of one stream as the platform takes together.</summary>
    /// <returns>What became of them, in no order, without those that were put off; null when the job is no longer ours.</returns>
    private async Task<IReadOnlyList<PlanItem>?> ApplyAsync(
        RestoreSession session, JobLease lease, ApplyProgress progress, long count, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var first = await items.GetAsync(session.Job.Id, progress.NextNumber, cancellation);
        var info = IsOpen(first.Value) ? session.InfoOf(first.Value.Stream) : null;
        var most = info is null ? 1 : Together(info);
        var taken = new List<Stored<PlanItem>>();
        for (var item = first; IsAlike(item.Value, first.Value); item = await items.GetAsync(session.Job.Id, progress.NextNumber + taken.Count, cancellation))
        {
            taken.Add(item);
            if (taken.Count == most || progress.NextNumber + taken.Count == count || clock.GetUtcNow() >= deadline) break;
        }
        var began = clock.GetTimestamp();
        var settled = new List<PlanItem>();
        var ready = new List<ReadyItem>();
        foreach (var some in taken.Chunk(info?.FindSize ?? 1))
        {
            await PrepareAsync(session, some, settled, ready, cancellation);
            var fillsRequest = settled.Count + ready.Count >= (info?.BatchSize ?? 1);
            if (fillsRequest && clock.GetElapsedTime(began) >= LookAheadMax || clock.GetUtcNow() >= deadline) break;
        }
        return await WriteAsync(session, lease, ready, new(clock, began, deadline), settled, cancellation) ? settled : null;
    }

    /// <summary>True of items that may be looked up together: of one stream, and both or neither a second write.</summary>
    internal static bool IsAlike(PlanItem one, PlanItem other) => one.Stream == other.Stream && one.Completes is null == other.Completes is null;

    private static bool IsOpen(PlanItem item) => item.State is ItemState.Planned or ItemState.Sending && item.Action is PlanAction.Create or PlanAction.Update;

    /// <summary>
    /// Records that refer to one another go alone: each is prepared when the new ids of those before it are known. Where each is written alone, no more are looked up
    /// together than are written soon after: what was seen must still be so then, above all consent.
    /// </summary>
    private static int Together(RestoreStreamInfo info) =>
        info.References.Any(reference => reference.Stream == info.Name) ? 1 : Math.Max(info.BatchSize, LookedUpAheadMax);

    /// <summary>Looks records of one stream up and settles those for which nothing need or may be sent; the others are ready.</summary>
    private async Task PrepareAsync(RestoreSession session, IReadOnlyList<Stored<PlanItem>> taken, List<PlanItem> settled, List<ReadyItem> ready, CancellationToken cancellation)
    {
        var known = new List<(Stored<PlanItem> Item, PreparedRecord Prepared)>();
        // Asked again: whoever was erased since the plan stays away, also from what this delivery opened before.
        var erased = taken.Any(item => IsOpen(item.Value)) ? await session.ErasedAsync(cancellation) : null;
        foreach (var item in taken)
        {
            if (!IsOpen(item.Value)) settled.Add(item.Value);
            else if (erased!.WhyNot(session.InfoOf(item.Value.Stream), item.Value.Key, json: null) is { } erasure) // An item is open, so it was asked.
                settled.Add(await SettleAsync(session, item, item.Value.Key, item.Value with { State = ItemState.Refused, Outcome = erasure }, cancellation));
            else if (await session.PrepareAsync(item.Value.Stream, item.Value.Key, cancellation) is not { } prepared)
                settled.Add(await SettleAsync(session, item, item.Value.Key, Left(item.Value, "Its content is no longer in the snapshot."), cancellation));
            else if (erased.WhyNot(session.InfoOf(item.Value.Stream), item.Value.Key, prepared.Record.Json) is { } address)
                settled.Add(await SettleAsync(session, item, prepared.OldId, item.Value with { State = ItemState.Refused, Outcome = address }, cancellation));
            else if (item.Value.Completes is { } first && (await items.GetAsync(session.Job.Id, first, cancellation)).Value.State != ItemState.Created)
                settled.Add(await SettleAsync(session, item, prepared.OldId, Left(item.Value, $"Item {first}, which it completes, was not created."), cancellation));
            else known.Add((item, prepared));
        }
        if (known.Count == 0) return;
        var (resolved, _) = await session.Referred.ResolveAsync(taken[0].Value.Stream, [.. known.Select(item => item.Prepared.Record)], cancellation);
        known = [.. known.Zip(resolved, (item, record) => (item.Item, item.Prepared with { Record = record }))];
        var live = await session.Target.FindManyAsync(taken[0].Value.Stream, [.. known.Select(item => item.Prepared.Record)], cancellation);
        foreach (var ((item, prepared), counterpart) in known.Zip(live.Records))
        {
            await session.Referred.RememberAsync(item.Value.Stream, prepared.OldId, prepared.Record, counterpart, cancellation);
            var (decided, waiting) = await DecideAsync(session, item, prepared, counterpart, cancellation);
            if (decided is not null) settled.Add(await SettleAsync(session, item, prepared.OldId, decided, cancellation));
            if (waiting is not null) ready.Add(waiting);
        }
    }

    /// <summary>The outcome of a record for which nothing need or may be sent; else the record as it is to be written.</summary>
    private static async Task<(PlanItem? Settled, ReadyItem? Ready)> DecideAsync(
        RestoreSession session, Stored<PlanItem> item, PreparedRecord prepared, LiveCounterpart live, CancellationToken cancellation)
    {
        var wasSending = item.Value.State == ItemState.Sending;
        var waiting = References.Named(session.InfoOf(item.Value.Stream), item.Value.Awaits);
        var sent = waiting.Count == 0 ? prepared : prepared with { Record = prepared.Record with { Json = References.Without(prepared.Record.Json, waiting) } };
        // By what refers to others a record that was created without that is not found.
        if (wasSending && waiting.Count > 0 && live.State == LiveState.Missing) live = await session.Target.FindAsync(item.Value.Stream, sent.Record, cancellation);
        if (WithoutWriting(item.Value, live, wasSending) is { } settled) return (settled, null);
        if (wasSending && !CanRepeat(session.InfoOf(item.Value.Stream), item.Value.Action, live))
            return (item.Value with { State = ItemState.Uncertain, Outcome = "The answer to the request was lost, and the platform offers no way to tell whether it took effect. It was not sent again." }, null);
        return (null, new(item, sent, live, item.Value.State));
    }

    /// <summary>Writes records of one stream, the first of them whatever the time is. False: the job is no longer ours.</summary>
    private async Task<bool> WriteAsync(RestoreSession session, JobLease lease, IReadOnlyList<ReadyItem> ready, Limit limit, List<PlanItem> settled, CancellationToken cancellation)
    {
        // Creations together and updates together: the order within a stream says nothing, and a batch is of one kind.
        var ordered = ready.OrderBy(item => item.Item.Value.Action).ToLookup(item => CanRepeat(session.InfoOf(item.Item.Value.Stream), item.Item.Value.Action, item.Live));
        // Of what must not be sent twice one at a time is in doubt after a crash. Of the rest all intents are stored at once, though some are sent later than others.
        List<IReadOnlyList<ReadyItem>> groups = [[.. ordered[true]], .. ordered[false].Select(item => (IReadOnlyList<ReadyItem>)[item])];
        var isFirst = true;
        foreach (var group in groups.Where(group => group.Count > 0))
        {
            if (!isFirst && limit.IsOver) break;
            isFirst = false;
            if (!await SendAsync(session, lease, group, limit, settled, cancellation)) return false;
        }
        return true;
    }

    /// <summary>Stores the intent of every record, sends them, and stores each outcome while the next are sent. Those that are put off are as they were before.</summary>
    private async Task<bool> SendAsync(RestoreSession session, JobLease lease, IReadOnlyList<ReadyItem> group, Limit limit, List<PlanItem> settled, CancellationToken cancellation)
    {
        var info = session.InfoOf(group[0].Item.Value.Stream);
        // Also one that an earlier delivery was about to send gets a new version: should that delivery still be at work, its outcome is refused and it stops.
        var sending = await Task.WhenAll(group.Select(async item => item with { Item = await items.ReplaceAsync(session.Job.Id, item.Item, item.Item.Value with { State = ItemState.Sending }, cancellation) }));
        var open = sending.ToDictionary(item => item.Item.Value.Number);
        var asked = new HashSet<long>();
        var storing = new OutcomesUnderWay();
        try
        {
            foreach (var batch in sending.Chunk(info.BatchSize))
            {
                if (asked.Count > 0 && limit.IsOver) break;
                await storing.CheckAsync();
                if (!await lease.KeepAsync(cancellation)) return false;
                asked.UnionWith(batch.Select(item => item.Item.Value.Number));
                await SendAsync(session, info, batch, Settle, cancellation);
            }
            await PutOffAsync(open.Values);
            return true;
        }
        catch (PlatformException failure)
        {
            // A limit and missing rights for certain had no effect on any record without an outcome. After other failures those that were asked for are in doubt.
            var hadNoEffect = failure is PlatformRateLimitedException or PlatformUnauthorizedException or PlatformForbiddenException or PlatformAddressException;
            await PutOffAsync(open.Values.Where(item => hadNoEffect || !asked.Contains(item.Item.Value.Number)));
            throw;
        }
        finally
        {
            await storing.EndAsync();
        }

        void Settle(ReadyItem item, PlanItem after)
        {
            open.Remove(after.Number);
            settled.Add(after);
            storing.Add(SettleAsync(session, item.Item, item.Prepared.OldId, after, cancellation));
        }

        Task PutOffAsync(IEnumerable<ReadyItem> unsent) =>
            Task.WhenAll(unsent.Select(item => items.ReplaceAsync(session.Job.Id, item.Item, item.Item.Value with { State = item.Before }, cancellation)));
    }

    /// <summary>Sends what is written by one request.</summary>
    private static async Task SendAsync(RestoreSession session, RestoreStreamInfo info, IReadOnlyList<ReadyItem> batch, Action<ReadyItem, PlanItem> settle, CancellationToken cancellation)
    {
        // Asked once more: the records are in memory since they were looked up, and somebody may have been erased since.
        var erased = await session.ErasedAsync(cancellation);
        var allowed = new List<ReadyItem>();
        foreach (var item in batch)
        {
            if (erased.WhyNot(info, item.Item.Value.Key, item.Prepared.Record.Json) is { } erasure) settle(item, item.Item.Value with { State = ItemState.Refused, Outcome = erasure });
            else allowed.Add(item);
        }
        var told = 0;
        await foreach (var outcome in session.Target.WriteManyAsync([.. allowed.Select(item => Request(session, item.Item.Value, item.Prepared, item.Live))], cancellation))
        {
            var item = allowed[told++];
            settle(item, Settled(info, item.Item.Value, outcome, item.Live));
        }
    }

    /// <summary>
    /// Whether a request that may have gone out may go out again: it has an idempotency key; it names the record by itself (update, upsert); or the lookup, which did
    /// not find the record, would have found it under the id that a new record has. That differs from record to record: one without an address only has its old id.
    /// </summary>
    private static bool CanRepeat(RestoreStreamInfo info, PlanAction action, LiveCounterpart live) =>
        action == PlanAction.Update || info.HasIdempotencyKey || !info.CanCreate || live.IsFoundUnderNewId;

    /// <summary>The outcome when nothing need or may be sent; null when the record is to be written.</summary>
    private static PlanItem? WithoutWriting(PlanItem item, LiveCounterpart live, bool wasSending) => (item.Action, live.State) switch
    {
        (PlanAction.Create, LiveState.Missing) => null,
        // The request of an earlier delivery had gone out after all.
        (PlanAction.Create, _) when wasSending => item with { State = ItemState.Created, LiveId = live.LiveId, Outcome = null },
        (PlanAction.Create, LiveState.Same) => Left(item, "It is on the platform again, as it was.") with { LiveId = live.LiveId },
        (PlanAction.Create, _) => Left(item, "It appeared on the platform after the plan was made, with other content. Plan again.") with { LiveId = live.LiveId },
        (_, LiveState.Missing) => Left(item, "It went from the platform after the plan was made. Plan again."),
        (_, LiveState.Same) => item with { State = wasSending ? ItemState.Updated : ItemState.Left, LiveId = live.LiveId, Outcome = wasSending ? null : "It is as it was already." },
        _ => null,
    };

    private static PlanItem Left(PlanItem item, string why) => item with { State = ItemState.Left, Outcome = why };

    private static WriteRequest Request(RestoreSession session, PlanItem item, PreparedRecord prepared, LiveCounterpart live)
    {
        var info = session.InfoOf(item.Stream);
        return new()
        {
            Stream = item.Stream,
            Kind = item.Action switch
            {
                PlanAction.Create => info.CanCreate ? WriteKind.Create : WriteKind.Upsert,
                _ => info.CanUpdate ? WriteKind.Update : WriteKind.Upsert,
            },
            Record = prepared.Record,
            LiveId = live.LiveId,
            LiveJson = live.Json,
            IdempotencyKey = $"{session.Job.Id}-{item.Number}",
        };
    }

    private static PlanItem Settled(RestoreStreamInfo info, PlanItem item, WriteOutcome outcome, LiveCounterpart live)
    {
        var kept = item.KeptConsent.Union(outcome.Kept.Select(StreamPlan.Pointer)).ToList();
        // What the platform sets itself was not sent.
        var unmapped = References.Writable(info).Select(reference => StreamPlan.Pointer(reference.Field)).Intersect(outcome.Unmapped.Select(StreamPlan.Pointer)).ToList();
        var note = unmapped.Count == 0 ? null : $"It refers to records that are not on the platform: {string.Join(", ", unmapped)}.";
        return outcome.Result switch
        {
            WriteResult.Created => item with { State = ItemState.Created, LiveId = outcome.NewId ?? live.LiveId, KeptConsent = kept, Outcome = note },
            WriteResult.Updated => item with { State = ItemState.Updated, LiveId = outcome.NewId ?? live.LiveId, KeptConsent = kept, Outcome = note },
            WriteResult.Refused => item with { State = ItemState.Refused, Outcome = outcome.Reason ?? "The platform refused it." },
            _ => Left(item, outcome.Reason ?? "Nothing had to be sent.") with { LiveId = live.LiveId, KeptConsent = kept },
        };
    }

    private async Task<PlanItem> SettleAsync(RestoreSession session, Stored<PlanItem> before, string oldId, PlanItem after, CancellationToken cancellation)
    {
        await items.SettleAsync(session.Job, session.ConnectionId, before, after, oldId, session.IsReferredTo(after.Stream), cancellation);
        return after;
    }

    /// <summary>A record that is to be written, what is on the platform in its place, and its state before it was about to be sent.</summary>
    private sealed record ReadyItem(Stored<PlanItem> Item, PreparedRecord Prepared, LiveCounterpart Live, ItemState Before);

    /// <summary>Until when records that were looked up may be written.</summary>
    private sealed class Limit(TimeProvider clock, long seen, DateTimeOffset deadline)
    {
        public bool IsOver => clock.GetElapsedTime(seen) > SeenMax || clock.GetUtcNow() >= deadline;
    }
}
