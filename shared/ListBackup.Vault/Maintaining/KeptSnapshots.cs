using ListBackup.Vault.Format;

namespace ListBackup.Vault.Maintaining;

/// <summary>Which snapshots must go on to be readable: all but the expired, and all that are still to come.</summary>
/// <param name="expired">Normalized: ascending, with a gap between any two.</param>
internal sealed class KeptSnapshots(IReadOnlyList<SeqRange> expired)
{
    public static KeptSnapshots Of(Manifest newest) => new(newest.Expired ?? []);

    /// <summary>Whether any snapshot from the one up to (not including) the other is kept: whether a version that lived so long is needed.</summary>
    public bool Any(long from, long end)
    {
        foreach (var range in expired)
        {
            if (range.From <= from && end - 1 <= range.To) return false;
        }

        return true;
    }

    /// <summary>How many up to this one have expired.</summary>
    public long ExpiredUpTo(long seq) => expired.Where(range => range.From <= seq).Sum(range => Math.Min(range.To, seq) - range.From + 1);

    /// <summary>These numbers as ranges, joined with the given ones.</summary>
    public static IReadOnlyList<SeqRange> Join(IEnumerable<SeqRange> ranges, IEnumerable<long> seqs)
    {
        var joined = new List<SeqRange>();
        foreach (var range in ranges.Concat(seqs.Select(seq => new SeqRange(seq, seq))).OrderBy(range => range.From))
        {
            if (joined.Count > 0 && range.From <= joined[^1].To + 1) joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, range.To) };
            else joined.Add(range);
        }

        return joined;
    }
}
