using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Takes a restore back, last record first: deletes what it created and puts back what it changed, as far as the platform lets it.</summary>
public sealed class RestoreUndoing(RestoreItems items, TimeProvider clock)
{
    private const int SaveEvery = 10;

    public async Task<bool> WorkAsync(RestoreSession session, JobLease lease, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var progress = lease.Job.Restore!.Undo!; // The undo was asked with it.
        while (progress.NextNumber > 0)
        {
            var item = await UndoAsync(session, progress.NextNumber - 1, cancellation);
            progress = progress with
            {
                NextNumber = progress.NextNumber - 1,
                // A record that took two writes is one.
                Undone = progress.Undone + (item is { State: ItemState.Undone, Completes: null } ? 1 : 0),
                NotUndone = progress.NotUndone + (item.State == ItemState.NotUndone ? 1 : 0),
            };
            var isOver = clock.GetUtcNow() >= deadline;
            if ((isOver || progress.NextNumber % SaveEvery == 0) && !await SaveAsync(lease, progress, cancellation)) return false;
            if (isOver && progress.NextNumber > 0) return false;
        }
        return true;
    }

    private static Task<bool> SaveAsync(JobLease lease, UndoProgress progress, CancellationToken cancellation) =>
        lease.RenewAsync(job => job with { Restore = job.Restore! with { Undo = progress } }, cancellation);

    private async Task<PlanItem> UndoAsync(RestoreSession session, long number, CancellationToken cancellation)
    {
        var item = await items.GetAsync(session.Job.Id, number, cancellation);
        var undone = item.Value.State switch
        {
            ItemState.Updated or ItemState.Sending or ItemState.Uncertain when item.Value.Completes is { } first => await TakeOutAsync(session, item.Value, first, cancellation),
            ItemState.Created => await DeleteAsync(session, item.Value, cancellation),
            ItemState.Updated => await PutBackAsync(session, item.Value, cancellation),
            // Cut off between request and outcome: what is on the platform decides.
            ItemState.Sending or ItemState.Uncertain => await SentAsync(session, item.Value, cancellation),
            _ => null,
        };
        if (undone is null) return item.Value;
        await items.ReplaceAsync(session.Job.Id, item, undone, cancellation);
        return undone;
    }

    /// <summary>Deleting and putting back may be repeated without harm, so no intent is stored before.</summary>
    private static async Task<PlanItem> DeleteAsync(RestoreSession session, PlanItem item, CancellationToken cancellation)
    {
        if (!session.InfoOf(item.Stream).CanDelete) return NotUndone(item, "The platform does not let it be deleted.");
        if (await session.PrepareAsync(item.Stream, item.Key, cancellation) is not { } prepared) return NotUndone(item, "Its content is no longer in the snapshot.");
        return After(item, await session.Target.WriteAsync(Request(session, item, WriteKind.Delete, prepared.Record), cancellation));
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
        if (await session.PrepareAsync(item.Stream, item.Key, cancellation) is not { } prepared) return NotUndone(item, "Its content is no longer in the snapshot.");
        var live = await session.Target.FindAsync(item.Stream, prepared.Record, cancellation);
        return live.State == LiveState.Missing ? item with { State = ItemState.Left, Outcome = "It was not written." } : await DeleteAsync(session, item with { LiveId = live.LiveId }, cancellation);
    }

    private static async Task<PlanItem> PutBackAsync(RestoreSession session, PlanItem item, CancellationToken cancellation)
    {
        if (await session.BeforeAsync(item.Stream, item.Key, cancellation) is not { } before)
            return NotUndone(item, "The snapshot before the restore does not have it.");
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
