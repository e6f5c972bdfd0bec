using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Takes a restore back, last record first: deletes what it created and puts back what it changed, as far as the platform lets it.</summary>
public sealed class RestoreUndoing(RestoreItems items, TimeProvider clock)
{
    private const int SaveEvery = 10;
    private const int TogetherMax = 25;
    private const string NoBefore = "The snapshot before the restore does not have it.";

    public async Task<bool> WorkAsync(RestoreSession session, JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var progress = lease.Job.Restore!.Undo!; // The undo was asked with it.
        while (progress.NextNumber > 0)
        {
            var before = progress.NextNumber;
            if (await UndoAsync(session, lease, progress.NextNumber - 1, deadline, cancellation) is not { } undone) return false;
            foreach (var item in undone)
            {
                progress = progress with
                {
                    NextNumber = progress.NextNumber - 1,
                    // A record that took two writes is one.
                    Undone = progress.Undone + (item is { State: ItemState.Undone, Completes: null } ? 1 : 0),
                    NotUndone = progress.NotUndone + (item.State == ItemState.NotUndone ? 1 : 0),
                };
            }
            var isOver = clock.GetUtcNow() >= deadline;
            if ((isOver || progress.NextNumber / SaveEvery < before / SaveEvery || progress.NextNumber == 0) && !await SaveAsync(lease, progress, cancellation)) return false;
            if (isOver && progress.NextNumber > 0) return false;
        }
        return true;
    }

    private static Task<bool> SaveAsync(JobLease lease, UndoProgress progress, CancellationToken cancellation) =>
        lease.RenewAsync(job => job with { Restore = job.Restore! with { Undo = progress } }, cancellation);

    /// <summary>The next items, last first: one, or as many of one stream as are looked up, written or deleted together.</summary>
    /// <returns>What became of them, fewer when time ran out; null when the job is no longer ours.</returns>
    private async Task<IReadOnlyList<PlanItem>?> UndoAsync(RestoreSession session, JobLease lease, long number, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var first = await items.GetAsync(session.Job.Id, number, cancellation);
        var areDeleted = first.Value.State == ItemState.Created;
        var most = areDeleted ? TogetherMax : first.Value.State == ItemState.Updated ? Together(session.InfoOf(first.Value.Stream)) : 1;
        var taken = new List<Stored<PlanItem>>();
        for (var item = first; RestoreApplying.IsAlike(item.Value, first.Value) && (!areDeleted || item.Value.State == ItemState.Created); item = await items.GetAsync(session.Job.Id, number - taken.Count, cancellation))
        {
            taken.Add(item);
            if (taken.Count == most || taken.Count > number || clock.GetUtcNow() >= deadline) break;
        }
        if (areDeleted) return await DeleteAsync(session, lease, taken, deadline, cancellation);
        var together = taken.Where(item => item.Value is { State: ItemState.Updated, Completes: null }).ToList();
        var undone = new List<PlanItem>();
        foreach (var item in taken.Except(together)) undone.Add(await UndoAsync(session, item, cancellation));
        undone.AddRange(await PutBackAsync(session, together, cancellation));
        return undone;
    }

    /// <summary>As many as are looked up together and written soon after.</summary>
    private static int Together(RestoreStreamInfo info) =>
        info.References.Any(reference => reference.Stream == info.Name) ? 1 : Math.Max(info.BatchSize, Math.Min(info.FindSize, TogetherMax));

    /// <summary>Deletes records of one stream one after the other, and stores each outcome while the next is deleted.</summary>
    private async Task<IReadOnlyList<PlanItem>?> DeleteAsync(RestoreSession session, JobLease lease, IReadOnlyList<Stored<PlanItem>> created, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var undone = new List<PlanItem>();
        var storing = new OutcomesUnderWay();
        try
        {
            foreach (var item in created)
            {
                await storing.CheckAsync();
                if (undone.Count > 0 && clock.GetUtcNow() >= deadline) break;
                if (!await lease.KeepAsync(cancellation)) return null;
                var after = await DeleteAsync(session, item.Value, cancellation);
                undone.Add(after);
                storing.Add(SettleAsync(session, item, after, cancellation));
            }
        }
        finally
        {
            await storing.EndAsync();
        }
        return undone;
    }

    private async Task<PlanItem> UndoAsync(RestoreSession session, Stored<PlanItem> item, CancellationToken cancellation)
    {
        var undone = item.Value.State switch
        {
            ItemState.Updated or ItemState.Sending or ItemState.Uncertain when item.Value.Completes is { } first => await TakeOutAsync(session, item.Value, first, cancellation),
            // Cut off between request and outcome: what is on the platform decides.
            ItemState.Sending or ItemState.Uncertain => await SentAsync(session, item.Value, cancellation),
            _ => null,
        };
        return undone is null ? item.Value : await SettleAsync(session, item, undone, cancellation);
    }

    private async Task<PlanItem> SettleAsync(RestoreSession session, Stored<PlanItem> item, PlanItem undone, CancellationToken cancellation)
    {
        await items.ReplaceAsync(session.Job.Id, item, undone, cancellation);
        return undone;
    }

    /// <summary>Puts records of one stream back: looked up together, written together, each with an outcome of its own.</summary>
    private async Task<IReadOnlyList<PlanItem>> PutBackAsync(RestoreSession session, IReadOnlyList<Stored<PlanItem>> changed, CancellationToken cancellation)
    {
        var undone = new List<PlanItem>();
        var known = new List<(Stored<PlanItem> Item, RestoreRecord Before)>();
        var erased = await session.ErasedAsync(cancellation);
        foreach (var item in changed)
        {
            if (await session.BeforeAsync(item.Value.Stream, item.Value.Key, cancellation) is { } before)
            {
                if (erased.WhyNot(session.InfoOf(item.Value.Stream), item.Value.Key, before.Json) is not { } erasure) known.Add((item, before));
                else undone.Add(await SettleAsync(session, item, NotUndone(item.Value, erasure), cancellation));
            }
            else undone.Add(await SettleAsync(session, item, NotUndone(item.Value, NoBefore), cancellation));
        }
        if (known.Count == 0) return undone;
        var stream = known[0].Item.Value.Stream;
        var kind = session.InfoOf(stream).CanUpdate ? WriteKind.Update : WriteKind.Upsert;
        var live = await session.Target.FindManyAsync(stream, [.. known.Select(one => one.Before)], cancellation);
        // One that is found elsewhere than it was written is looked up by that id once more, by the writing itself.
        var requests = known.Zip(live.Records, (one, counterpart) =>
            Request(session, one.Item.Value, kind, one.Before) with { LiveJson = counterpart.LiveId == one.Item.Value.LiveId ? counterpart.Json : default }).ToList();
        var told = 0;
        var storing = new OutcomesUnderWay();
        try
        {
            await foreach (var outcome in session.Target.WriteManyAsync(requests, cancellation))
            {
                var item = known[told++].Item;
                undone.Add(After(item.Value, outcome));
                storing.Add(SettleAsync(session, item, undone[^1], cancellation));
            }
        }
        finally
        {
            await storing.EndAsync();
        }
        return undone;
    }

    /// <summary>Deleting and putting back may be repeated without harm, so no intent is stored before.</summary>
    private static async Task<PlanItem> DeleteAsync(RestoreSession session, PlanItem item, CancellationToken cancellation)
    {
        if (!session.InfoOf(item.Stream).CanDelete) return NotUndone(item, "The platform does not let it be deleted.");
        if (await session.NamedAsync(item.Stream, item.Key, cancellation) is not { } record) return NotUndone(item, "Its content is no longer in the snapshot.");
        return After(item, await session.Target.WriteAsync(Request(session, item, WriteKind.Delete, record), cancellation));
    }

    /// <summary>Takes out again what a second write set, so that no record that is to be deleted is referred to: platforms may refuse that.</summary>
    private async Task<PlanItem?> TakeOutAsync(RestoreSession session, PlanItem item, long first, CancellationToken cancellation)
    {
        var info = session.InfoOf(item.Stream);
        if (!info.CanDelete) return NotUndone(item, "The platform does not let it be deleted.");
        var created = await items.GetAsync(session.Job.Id, first, cancellation);
        if (created.Value.LiveId is null || await session.PrepareAsync(item.Stream, item.Key, cancellation) is not { } prepared) return null;
        var emptied = prepared.Record with { Json = References.Emptied(prepared.Record.Json, References.Named(info, created.Value.Awaits)) };
        var outcome = await session.Target.WriteAsync(Request(session, item with { LiveId = created.Value.LiveId }, info.CanUpdate ? WriteKind.Update : WriteKind.Upsert, emptied), cancellation);
        return item with { State = ItemState.Undone, Outcome = outcome.Result == WriteResult.Refused ? "The platform did not take it out; it goes with the record." : null };
    }

    private static async Task<PlanItem?> SentAsync(RestoreSession session, PlanItem item, CancellationToken cancellation)
    {
        if (item.Action == PlanAction.Update) return await PutBackAsync(session, item, cancellation);
        if (await session.NamedAsync(item.Stream, item.Key, cancellation) is not { } record) return NotUndone(item, "Its content is no longer in the snapshot.");
        var live = await session.Target.FindAsync(item.Stream, record, cancellation);
        return live.State == LiveState.Missing ? item with { State = ItemState.Left, Outcome = "It was not written." } : await DeleteAsync(session, item with { LiveId = live.LiveId }, cancellation);
    }

    private static async Task<PlanItem> PutBackAsync(RestoreSession session, PlanItem item, CancellationToken cancellation)
    {
        if (await session.BeforeAsync(item.Stream, item.Key, cancellation) is not { } before)
            return NotUndone(item, NoBefore);
        if ((await session.ErasedAsync(cancellation)).WhyNot(session.InfoOf(item.Stream), item.Key, before.Json) is { } erasure) return NotUndone(item, erasure);
        var kind = session.InfoOf(item.Stream).CanUpdate ? WriteKind.Update : WriteKind.Upsert;
        return After(item, await session.Target.WriteAsync(Request(session, item, kind, before), cancellation));
    }

    private static WriteRequest Request(RestoreSession session, PlanItem item, WriteKind kind, RestoreRecord record) => new()
    {
        Stream = item.Stream,
        Kind = kind,
        Record = record,
        LiveId = item.LiveId,
        IdempotencyKey = $"{session.Job.Id}-{item.Number}-undo",
    };

    private static PlanItem After(PlanItem item, WriteOutcome outcome) => outcome.Result == WriteResult.Refused
        ? NotUndone(item, outcome.Reason ?? "The platform refused it.")
        : item with { State = ItemState.Undone, Outcome = outcome.Kept.Count == 0 ? null : "Consent stayed as strict as it is now." };

    private static PlanItem NotUndone(PlanItem item, string why) => item with { State = ItemState.NotUndone, Outcome = why };
}
