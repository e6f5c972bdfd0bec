using ListBackup.Vault.Format;

namespace ListBackup.Vault.Maintaining;

/// <summary>Neighbouring sections of one commit: what one backup brought, or what one compaction wrote.</summary>
/// <param name="First">Index of its first section.</param>
/// <param name="Count">How many sections.</param>
/// <param name="Bytes">Of their blocks.</param>
/// <param name="Rows">Versions.</param>
/// <param name="To">Highest snapshot number.</param>
/// <param name="Expired">How many snapshots up to <paramref name="To"/> had expired when it was written.</param>
internal sealed record Layer(int First, int Count, long Bytes, long Rows, long To, long Expired);

/// <summary>
/// Which layers of a stream are to be merged. Pure. Two rules: neighbours of like size, from the newest on, so that each version is written
/// again about as often as the stream doubles; and everything, when much of it is needed by no snapshot any more.
/// </summary>
internal static class CompactionChoice
{
    /// <summary>More are not left in a stream, whatever their sizes: a reader asks for each.</summary>
    public const int LayersMax = 20;

    /// <summary>Fewer small ones are not worth a commit.</summary>
    private const int MergeMin = 4;

    /// <summary>An older layer goes along up to so many times the size of the newer ones together: no two days are of one size.</summary>
    private const double LikeSizeMax = 2;

    /// <summary>Share of a stream's versions that must be dead before all of it is written again.</summary>
    private const double DeadShareMax = 0.25;

    public static IReadOnlyList<Layer> LayersOf(IReadOnlyList<SectionReference> sections)
    {
        var layers = new List<Layer>();
        for (var first = 0; first < sections.Count;)
        {
            var end = first;
            while (end < sections.Count && sections[end].From == sections[first].From && sections[end].To == sections[first].To) end++;
            var own = sections.Skip(first).Take(end - first).ToList();
            layers.Add(new Layer(first, own.Count, own.Sum(section => section.Bytes), own.Sum(section => section.Rows), own[0].To, own.Min(section => section.Expired ?? 0)));
            first = end;
        }

        return layers;
    }

    /// <summary>The layers to merge, as indexes into the list; null when the stream is fine as it is.</summary>
    /// <param name="layers">Oldest first.</param>
    /// <param name="live">Live records of the stream.</param>
    /// <param name="newestSeq">Number of the newest snapshot.</param>
    /// <param name="kept">Which snapshots must stay readable.</param>
    /// <param name="isFull">Everything is to be written again, if that can change anything.</param>
    public static Range? Choose(IReadOnlyList<Layer> layers, long live, long newestSeq, KeptSnapshots kept, bool isFull)
    {
        if (layers.Count == 0) return null;
        var isDead = DeadShare(layers, live, newestSeq, kept) >= DeadShareMax;
        if (isDead || (isFull && (layers.Count > 1 || kept.ExpiredUpTo(newestSeq) > layers[0].Expired))) return Range.All;

        // From the newest on, while the next is of like size as those before it together.
        var (first, bytes) = (layers.Count - 1, layers[^1].Bytes);
        while (first > 0 && layers[first - 1].Bytes <= bytes * LikeSizeMax) bytes += layers[--first].Bytes;
        if (layers.Count - first >= MergeMin) return first..;
        // One is left over of those that are merged.
        return layers.Count > LayersMax ? ^(layers.Count - LayersMax + 1).. : null;
    }

    /// <summary>
    /// About how much nobody needs. What is no live record is some snapshot's past; of the snapshots that were kept when the first layer was
    /// written, as large a part of that past is dead as of them have expired since.
    /// </summary>
    private static double DeadShare(IReadOnlyList<Layer> layers, long live, long newestSeq, KeptSnapshots kept)
    {
        var rows = layers.Sum(layer => layer.Rows);
        var expiredSince = kept.ExpiredUpTo(newestSeq) - layers[0].Expired;
        var keptThen = newestSeq - layers[0].Expired;
        return rows <= live || expiredSince <= 0 ? 0 : (rows - live) * ((double)expiredSince / keptThen) / rows;
    }
}
