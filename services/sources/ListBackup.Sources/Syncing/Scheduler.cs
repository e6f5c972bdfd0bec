using ListBackup.Domain;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>
/// Every minute: starts the sources that are due by their schedule or because their platform announced changes, and the exports that are planned. A turn that could not be
/// started when it was due is told, once, and made good by one run.
/// </summary>
public sealed class Scheduler(
    IItemStore items, StartRun start, RunNotices notices, AnnouncedChanges announced, ExportScheduler exports, ActivityLog activities, TimeProvider clock, ILogger<Scheduler> log) : IScheduledHandler
{
    private const int PageSize = 100;
    /// <summary>A run that starts later than this missed its turn. Longer than a restart, an upgrade, or a tick that had much to do.</summary>
    public static readonly TimeSpan LateMax = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        await announced.TickAsync(deadline, cancellation);
        var now = clock.GetUtcNow();
        var due = new ItemQuery { Table = Table.Sources, ByIndex = true, Partition = SourceKeys.DuePartition, SortTo = SourceKeys.TimeText(now) + "~", Limit = PageSize };
        await foreach (var item in items.AllAsync(due, cancellation))
        {
            // What is left stays due, and the next tick takes it.
            if (clock.GetUtcNow() > deadline - Margin) return;
            await TakeAsync(item.Key, now, cancellation);
        }
        await exports.TickAsync(deadline, cancellation);
    }

    private async Task TakeAsync(ItemKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        // The index may lag behind: the item itself says whether it is due.
        if (await items.FindAsync(key, SourceItemsJson.Default.Source, cancellation) is not { } source) return;
        if (source.Value.DueAt is not { } due || due > now) return;
        try
        {
            if (source.Value.NextRunAt <= now) await TakeTurnAsync(source, now, cancellation);
            else await TakeAnnouncedAsync(source, now, cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another scheduler, or a person, was faster. If the source is still due, the next tick takes it.
        }
    }

    private async Task TakeTurnAsync(Stored<Source> source, DateTimeOffset now, CancellationToken cancellation)
    {
        // A run of some streams, which nobody planned for this time, must not cost the source its turn: the turn waits for its end.
        if (await IsOfWebhookAsync(source.Value, cancellation)) return;

        var missed = Missed(source.Value, now);
        var next = source.Value with { NextRunAt = source.Value.Schedule?.NextRun(now, source.Value.NextRunAt, source.Value.Id), LastMissed = missed ?? source.Value.LastMissed };
        // Before the turn is taken: whoever dies in between leaves the source due, and the next tick tells the same event again, which counts once.
        if (missed is not null) await notices.TellMissedAsync(source.Value, missed, cancellation);
        if (source.Value.CurrentRunId is { } live)
        {
            log.LogWarning("Source {Source} is due and its run {Run} has not ended; this turn is left out", source.Value.Id, live);
            await items.PutAsync(RunStore.SourceItem(next), Condition.VersionIs(source.Version), cancellation);
        }
        else
        {
            // It reads everything, and so what was announced.
            var run = start.New(source.Value, RunTrigger.Schedule, "system");
            await start.ClaimAsync(source, next with { CurrentRunId = run.Id, AnnouncedStreams = [], AnnouncedRunAt = null }, run, cancellation);
        }
        if (missed is not null)
            await activities.AppendAsync(source.Value.AccountId, "system", RunNotices.ScheduleMissed, source.Value.Id.ToString(), cancellation,
                ("dueAt", missed.DueAt.UtcDateTime.ToString("O")), ("turns", $"{missed.Turns}"));
    }

    /// <summary>One run for everything that was announced by now. While a run is live the source stays due, so that one follows when it has ended.</summary>
    private async Task TakeAnnouncedAsync(Stored<Source> source, DateTimeOffset now, CancellationToken cancellation)
    {
        if (source.Value.CurrentRunId is not null) return;
        // The first snapshot has everything.
        var run = start.New(source.Value, RunTrigger.Webhook, "system") with { OnlyStreams = source.Value.LastSnapshotSeq is null ? null : source.Value.AnnouncedStreams };
        await start.ClaimAsync(source, source.Value with { CurrentRunId = run.Id, AnnouncedStreams = [], AnnouncedRunAt = null, LastAnnouncedRunAt = now }, run, cancellation);
    }

    private async Task<bool> IsOfWebhookAsync(Source source, CancellationToken cancellation) =>
        source.CurrentRunId is { } live && await items.FindAsync(SourceKeys.Run(source.Id, live), SourceItemsJson.Default.Run, cancellation) is { Value.Trigger: RunTrigger.Webhook };

    private static MissedTurn? Missed(Source source, DateTimeOffset now)
    {
        if (source.NextRunAt is not { } due || source.Schedule is not { } schedule) return null;
        var skipped = schedule.TurnsBetween(due, now, source.Id);
        if (source.CurrentRunId is { } live)
            return new(due, now, skipped + 1, $"{source.Name} was due at {due:u}, and its run {live} of before has not ended; this turn is left out. "
                + "Look what the run waits for, or run less often: backups take longer than the time between them.");
        if (skipped == 0 && now - due <= LateMax) return null;
        return new(due, now, skipped, $"{source.Name} was due at {due:u} and starts only now, at {now:u}: ListBackup did not run, or had too much to do. "
            + (skipped == 0 ? "Nothing is left out." : $"{skipped:N0} later turns are made good by this one run."));
    }
}
