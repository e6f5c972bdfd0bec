using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// Hands what platforms announced to the sources that back it up. However much is announced, a source is due once, and at most every <see cref="GapMin"/>: the run reads the
/// streams from the platform, and what is announced while it reads makes it due again.
/// </summary>
public sealed class AnnouncedChanges(IItemStore items, RunStore runs, TimeProvider clock)
{
    /// <summary>As often as the shortest schedule; a busy shop announces something every second.</summary>
    public static readonly TimeSpan GapMin = TimeSpan.FromMinutes(Schedule.EveryMinutesMin);

    private const int PageSize = 100;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var due = new ItemQuery { Table = Table.Sources, ByIndex = true, Partition = Announcements.Partition, SortTo = Announcements.TimeText(now) + "~", Limit = PageSize };
        await foreach (var item in items.AllAsync(due, cancellation))
        {
            // What is left stays due, and the next tick takes it.
            if (clock.GetUtcNow() > deadline - Margin) return;
            await TakeAsync(item.Key, now, cancellation);
        }
    }

    /// <summary>Taken first and forgotten last: whoever dies in between leaves it to a later tick, and a source that is told twice is due once.</summary>
    private async Task TakeAsync(ItemKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        var mine = false;
        var taken = await items.UpdateAsync(key, ConnectionJson.Default.Announcement, a =>
        {
            mine = !(a.TakenAt + Announcements.TakenMax > now);
            return mine ? a with { Taken = [.. a.Taken.Union(a.Streams, StringComparer.Ordinal)], TakenAt = now, Streams = [], Since = null } : null;
        }, cancellation, Announcements.Index);
        if (taken is null || !mine) return;

        await foreach (var item in items.AllAsync(SourceKeys.SourcesOf(taken.Value.AccountId), cancellation))
        {
            var source = ItemJson.Read(item, SourceItemsJson.Default.Source).Value;
            if (source.ConnectionId == taken.Value.ConnectionId) await TellAsync(source, taken.Value.Taken, now, cancellation);
        }
        await ForgetAsync(taken, cancellation);
    }

    private Task TellAsync(Source source, IReadOnlyList<string> streams, DateTimeOffset now, CancellationToken cancellation) => runs.UpdateSourceAsync(source.AccountId, source.Id, s =>
    {
        var own = s.Streams?.Select(choice => choice.Name).ToHashSet(StringComparer.Ordinal);
        var changed = streams.Where(stream => own is null || own.Contains(stream)).Except(s.AnnouncedStreams, StringComparer.Ordinal).ToList();
        if (s.DeletedAt is not null || changed.Count == 0) return null;
        var soonest = s.LastAnnouncedRunAt + GapMin is { } gap && gap > now ? gap : now;
        // A source that is paused keeps it, and is due when it goes on.
        return s with { AnnouncedStreams = [.. s.AnnouncedStreams, .. changed], AnnouncedRunAt = s.AnnouncedRunAt ?? soonest };
    }, cancellation);

    private async Task ForgetAsync(Stored<Announcement> taken, CancellationToken cancellation)
    {
        try
        {
            await items.DeleteAsync(taken.Key, Condition.VersionIs(taken.Version), cancellation);
        }
        catch (ConditionFailedException)
        {
            // More was announced meanwhile; that waits for its own time.
            await items.UpdateAsync(
                taken.Key, ConnectionJson.Default.Announcement, a => a.TakenAt == taken.Value.TakenAt ? a with { Taken = [], TakenAt = null } : null, cancellation, Announcements.Index);
        }
    }
}
