using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// Where a platform said that something changed, until the sources of the connection know it: <c>CONN#id / ANNOUNCED</c> of the sources table, in the index
/// <see cref="Announcements.Partition"/> by the time at which the Scheduler takes it. It names streams and nothing of what is in them.
/// </summary>
public sealed record Announcement
{
    public required AccountId AccountId { get; init; }

    public required ConnectionId ConnectionId { get; init; }

    /// <summary>Announced, and not taken yet.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>When the first of <see cref="Streams"/> was announced.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Being handed to the sources, since <see cref="TakenAt"/>. What is announced meanwhile comes after it, because a run may have begun to read.</summary>
    public IReadOnlyList<string> Taken { get; init; } = [];

    public DateTimeOffset? TakenAt { get; init; }
}

/// <summary>Takes announcements in, many for little: a stream that is announced already is not written again.</summary>
public sealed class Announcements(IItemStore items, TimeProvider clock)
{
    /// <summary>Index partition of announcements, sorted by when they are taken.</summary>
    public const string Partition = "ANNOUNCED";

    /// <summary>Platforms tell of a change before their listings show it, and one change often follows another.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    /// <summary>Whoever took it and did not come to the end within this is taken for dead.</summary>
    public static readonly TimeSpan TakenMax = TimeSpan.FromMinutes(2);

    private const int TriesMax = 20;

    public static ItemKey Key(ConnectionId connection) => new(Table.Sources, ConnectionKeys.Partition(connection), "ANNOUNCED");

    /// <summary>Its place in the index: when the Scheduler looks at it next; null when nothing is left of it.</summary>
    public static IndexKey? Index(Announcement announcement)
    {
        var waiting = announcement.Since + Settling;
        var stuck = announcement.TakenAt + TakenMax;
        return (waiting ?? stuck) is { } at ? new(Partition, $"{TimeText(at)}#{announcement.ConnectionId}") : null;
    }

    /// <summary>Sorts as text in the order of time.</summary>
    public static string TimeText(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");

    /// <summary>Remembers that something changed in these streams. When it returns, they will be read.</summary>
    public async Task AddAsync(AccountId account, ConnectionId connection, IReadOnlyList<string> streams, CancellationToken cancellation)
    {
        var key = Key(connection);
        for (var tries = 1; ; tries++)
        {
            var known = await items.UpdateAsync(key, ConnectionJson.Default.Announcement, found => With(found, streams), cancellation, Index);
            if (known is not null) return;
            var first = With(new() { AccountId = account, ConnectionId = connection }, streams);
            if (first is null) return;
            try
            {
                await items.PutAsync(ItemJson.Item(key, first, ConnectionJson.Default.Announcement, Index(first)), Condition.Absent, cancellation);
                return;
            }
            catch (ConditionFailedException) when (tries < TriesMax)
            {
                // Another call was faster; this one's streams join it.
            }
        }
    }

    private Announcement? With(Announcement found, IReadOnlyList<string> streams)
    {
        var added = streams.Except(found.Streams, StringComparer.Ordinal).ToList();
        return added.Count == 0 ? null : found with { Streams = [.. found.Streams, .. added], Since = found.Since ?? clock.GetUtcNow() };
    }
}
