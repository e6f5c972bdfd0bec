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

    /// <summary>True when every item has its outcome; false when time ran out or the job is no longer ours.</summary>
    public async Task<bool> WorkAsync(RestoreSession session, JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var count = lease.Job.Restore!.Plan.Items; // A restore job is made with it.
        var progress = lease.Job.Restore.Apply;
        while (progress.NextNumber < count)
        {
            if (await ApplyAsync(session, lease, progress, count, deadline, cancellation) is not { } applied) return false;
            var before = progress.NextNumber;
            foreach (var item in applied) progress = Counted(progress, item) with { NextNumber = progress.NextNumber + 1 };
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
    /// <returns>What became of them, in no order; null when the job is no longer ours.</returns>
    private async Task<IReadOnlyList<PlanItem>?> ApplyAsync(
        RestoreSession session, JobLease lease, ApplyProgress progress, long count, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var first = await items.GetAsync(session.Job.Id, progress.NextNumber, cancellation);
        var most = IsOpen(first.Value) ? Together(session.InfoOf(first.Value.Stream)) : 1;
        var taken = new List<Stored<PlanItem>>();
        for (var item = first; IsAlike(item.Value, first.Value); item = await items.GetAsync(session.Job.Id, progress.NextNumber + taken.Count, cancellation))
        {
            taken.Add(item);
            if (taken.Count == most || progress.NextNumber + taken.Count == count || clock.GetUtcNow() >= deadline) break;
        }
        var (settled, ready) = await PrepareAsync(session, taken, cancellation);
        if (ready.Count > 1 && !await SaveAsync(lease, progress, cancellation)) return null; // Looking all of them up may outlast the lease.
        foreach (var batch in ready.OrderBy(item => item.Item.Value.Action).Chunk(session.InfoOf(first.Value.Stream).BatchSize)) settled.AddRange(await WriteAsync(session, batch, cancellation));
        return settled;
    }

    /// <summary>True of items that may be looked up together: of one stream, and both or neither a second write.</summary>
    internal static bool IsAlike(PlanItem one, PlanItem other) => one.Stream == other.Stream && one.Completes is null == other.Completes is null;

    private static bool IsOpen(PlanItem item) => item.State is ItemState.Planned or ItemState.Sending && item.Action is PlanAction.Create or PlanAction.Update;

    /// <summary>
    /// Records that refer to one another go alone: each is prepared when the new ids of those before it are known. Where each is written alone, no more are looked up
    /// together than are written soon after: what was seen must still be so then, above all consent.
    /// </summary>
    internal static int Together(RestoreStreamInfo info) =>
        info.References.Any(reference => reference.Stream == info.Name) ? 1 : Math.Max(info.BatchSize, Math.Min(info.FindSize, LookedUpAheadMax));

    /// <summary>Looks records of one stream up and settles those for which nothing need or may be sent.</summary>
    private async Task<(List<PlanItem> Settled, List<ReadyItem> Ready)> PrepareAsync(RestoreSession session, IReadOnlyList<Stored<PlanItem>> taken, CancellationToken cancellation)
    {
        var settled = new List<PlanItem>();
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
        var ready = new List<ReadyItem>();
        if (known.Count == 0) return (settled, ready);
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
        return (settled, ready);
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
        return (null, new(item, sent, live));
    }

    /// <summary>Stores the intent of every record, sends them, and stores each outcome as it is told.</summary>
    private async Task<IReadOnlyList<PlanItem>> WriteAsync(RestoreSession session, IReadOnlyList<ReadyItem> ready, CancellationToken cancellation)
    {
        // Creations together and updates together: the order within a stream says nothing, and a batch is of one kind.
        // The intents of a batch are stored at once, which costs a store of our own one write to the disk instead of one for each.
        var sending = await Task.WhenAll(ready.OrderBy(item => item.Item.Value.Action).Select(async item => item.Item.Value.State == ItemState.Sending ? item :
            item with { Item = await items.ReplaceAsync(session.Job.Id, item.Item, item.Item.Value with { State = ItemState.Sending }, cancellation) }));

        var settled = new List<PlanItem>();
        try
        {
            var requests = sending.Select(item => Request(session, item.Item.Value, item.Prepared, item.Live)).ToList();
            await foreach (var outcome in session.Target.WriteManyAsync(requests, cancellation))
            {
                var (item, prepared, live) = sending[settled.Count];
                settled.Add(await SettleAsync(session, item, prepared.OldId, Settled(session.InfoOf(item.Value.Stream), item.Value, outcome, live), cancellation));
            }
        }
        catch (PlatformException refused) when (refused is PlatformRateLimitedException or PlatformUnauthorizedException or PlatformForbiddenException or PlatformAddressException)
        {
            // For certain this had no effect on any record without an outcome; they are as they were planned.
            foreach (var item in sending.Skip(settled.Count)) await items.ReplaceAsync(session.Job.Id, item.Item, item.Item.Value with { State = ItemState.Planned }, cancellation);
            throw;
        }
        return settled;
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

    /// <summary>A record that is to be written, and what is on the platform in its place.</summary>
    private sealed record ReadyItem(Stored<PlanItem> Item, PreparedRecord Prepared, LiveCounterpart Live);
}
