using System.Collections.Immutable;

namespace ListBackup.Connectors;

/// <summary>Counts of one read so far. They prove coverage and explain cost.</summary>
public sealed record PageEvidence
{
    public static readonly PageEvidence Nothing = new();

    /// <summary>Pages that arrived.</summary>
    public long Pages { get; init; }

    /// <summary>Partitions that were read to their end.</summary>
    public long Partitions { get; init; }

    /// <summary>Records that arrived, before the manifest's filter.</summary>
    public long RowsArrived { get; init; }

    /// <summary>Records that were handed on.</summary>
    public long RowsKept { get; init; }

    /// <summary>Rows that cannot be records: not an object, or not valid UTF-8. Counted, not fatal.</summary>
    public long RowsRefused { get; init; }

    /// <summary>How many records the platform says there are (the sum over partitions that told), or null.</summary>
    public long? ReportedTotal { get; init; }

    /// <summary>Requests sent, retries included.</summary>
    public long Requests { get; init; }

    public long Retries { get; init; }

    /// <summary>Pages that were asked for ahead and that nobody needed: they lay behind the last one. Their requests are not in <see cref="Requests"/>.</summary>
    public long RequestsInVain { get; init; }

    /// <summary>Answers that the manifest says to pass over (action IGNORE) and that hide something: what they stood for was not read.</summary>
    public long AnswersIgnored { get; init; }

    /// <summary>All answers with an error status that were passed over, by status; also those that only say that there is nothing (404, 410).</summary>
    public IReadOnlyDictionary<int, long> IgnoredByStatus { get => field ?? ImmutableSortedDictionary<int, long>.Empty; init; }

    /// <summary>Partitions that the platform refused (403, 404 …) while it showed others.</summary>
    public long PartitionsRefused { get; init; }

    /// <summary>Partitions that the state knows and that the platform has no more. Told by the last batch.</summary>
    public long PartitionsGone { get; init; }

    /// <summary>
    /// Rows of parent streams that name no partition: they have nothing where the manifest says that their key stands (<c>parent_key</c>), or are no records.
    /// Their children, if they have any, were not read.
    /// </summary>
    public long ParentsWithoutKey { get; init; }

    /// <summary>
    /// Rows that should describe streams or fields (which tables there are, which properties) and are no JSON objects. What they stand for was not read.
    /// </summary>
    public long DescriptionsRefused { get; init; }

    /// <summary>Rows whose key was on the page before: pages moved while they were read.</summary>
    public long RowsRepeated { get; init; }

    /// <summary>Rows without a readable cursor value. They are kept, and do not move the cursor.</summary>
    public long RowsWithoutCursor { get; init; }

    /// <summary>Rows that the platform sent although they lie outside of the interval that it was asked for, by more than the cursor's granularity.</summary>
    public long RowsOutsideInterval { get; init; }

    /// <summary>Rows that name another partition than the one that was asked for.</summary>
    public long RowsOfOtherPartitions { get; init; }

    /// <summary>Records that came without some of their fields, because a request for those did not show them. They are kept.</summary>
    public long RowsPartial { get; init; }

    /// <summary>Records of which a transformation or the filter could not be computed. They are kept, without what could not be computed.</summary>
    public long RowsUncomputed { get; init; }

    /// <summary>Requests that only asked whether anything comes after a short page.</summary>
    public long Probes { get; init; }

    /// <summary>The rows that the platform gives to a page although more are asked for, once that was found out; null: it gives what is asked.</summary>
    public long? PageSizeCap { get; init; }

    public long BytesReceived { get; init; }

    /// <summary>The counts of a read that was stopped, and those since it was resumed.</summary>
    public PageEvidence Plus(PageEvidence later) => new()
    {
        Pages = Pages + later.Pages,
        Partitions = Partitions + later.Partitions,
        RowsArrived = RowsArrived + later.RowsArrived,
        RowsKept = RowsKept + later.RowsKept,
        RowsRefused = RowsRefused + later.RowsRefused,

        // A resumed read knows what was said before it.
        ReportedTotal = later.ReportedTotal ?? ReportedTotal,
        Requests = Requests + later.Requests,
        Retries = Retries + later.Retries,
        RequestsInVain = RequestsInVain + later.RequestsInVain,
        AnswersIgnored = AnswersIgnored + later.AnswersIgnored,
        IgnoredByStatus = later.IgnoredByStatus.Aggregate(
            IgnoredByStatus.ToImmutableSortedDictionary(), (sum, pair) => sum.SetItem(pair.Key, sum.GetValueOrDefault(pair.Key) + pair.Value)),
        PartitionsRefused = PartitionsRefused + later.PartitionsRefused,
        PartitionsGone = later.PartitionsGone,

        // A resumed read goes through all parents once more.
        ParentsWithoutKey = Math.Max(ParentsWithoutKey, later.ParentsWithoutKey),
        DescriptionsRefused = Math.Max(DescriptionsRefused, later.DescriptionsRefused),
        RowsRepeated = RowsRepeated + later.RowsRepeated,
        RowsWithoutCursor = RowsWithoutCursor + later.RowsWithoutCursor,
        RowsOutsideInterval = RowsOutsideInterval + later.RowsOutsideInterval,
        RowsOfOtherPartitions = RowsOfOtherPartitions + later.RowsOfOtherPartitions,
        RowsPartial = RowsPartial + later.RowsPartial,
        RowsUncomputed = RowsUncomputed + later.RowsUncomputed,
        Probes = Probes + later.Probes,
        PageSizeCap = later.PageSizeCap ?? PageSizeCap,
        BytesReceived = BytesReceived + later.BytesReceived,
    };

    /// <summary>Together with what requests beside the read have cost and hidden.</summary>
    internal PageEvidence With(PageEvidence aside) => ReferenceEquals(aside, Nothing) ? this : this with
    {
        Requests = Requests + aside.Requests,
        Retries = Retries + aside.Retries,
        RequestsInVain = RequestsInVain + aside.RequestsInVain,
        BytesReceived = BytesReceived + aside.BytesReceived,
        ParentsWithoutKey = ParentsWithoutKey + aside.ParentsWithoutKey,
        AnswersIgnored = AnswersIgnored + aside.AnswersIgnored,
        IgnoredByStatus = aside.IgnoredByStatus.Count == 0
            ? IgnoredByStatus
            : aside.IgnoredByStatus.Aggregate(
                IgnoredByStatus.ToImmutableSortedDictionary(), static (sum, one) => sum.SetItem(one.Key, sum.GetValueOrDefault(one.Key) + one.Value)),
    };

    internal PageEvidence WithIgnored(int status)
    {
        var counts = IgnoredByStatus.ToImmutableSortedDictionary();

        return this with { IgnoredByStatus = counts.SetItem(status, counts.GetValueOrDefault(status) + 1) };
    }
}
