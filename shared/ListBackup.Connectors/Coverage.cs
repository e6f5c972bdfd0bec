namespace ListBackup.Connectors;

/// <summary>Whether a read brought everything, told at its end. A read that was stopped and resumed is judged as one.</summary>
/// <param name="Complete">True when every partition was read to the end that the platform itself declared, and nothing contradicts that.</param>
/// <param name="Cut">Why not, when it is not complete: the first of the reasons.</param>
/// <param name="Detail">All reasons and warnings for people, without record content; null when there are none.</param>
/// <param name="Evidence">The counts of this call; of a resumed read, since it was resumed.</param>
public sealed record Coverage(bool Complete, CutReason? Cut, string? Detail, PageEvidence Evidence)
{
    /// <summary>All reasons why it is not complete.</summary>
    public IReadOnlyList<CutReason> Reasons { get; init; } = Cut is { } cut ? [cut] : [];

    /// <summary>The reasons for people, without warnings; null when it is complete.</summary>
    public string? Missing { get; init; } = Complete ? null : Detail;

    /// <summary>What was noticed besides. One that <see cref="CoverageWarning.IsDoubt"/> forbids to call the read proven, though nothing is known to be missing.</summary>
    public IReadOnlyList<CoverageWarning> Warnings { get; init; } = [];

    /// <summary>Why a complete read is no proof all the same, for people; null when nothing speaks against it.</summary>
    public string? Doubt => Warnings.Any(warning => warning.IsDoubt)
        ? string.Join(' ', Warnings.Where(warning => warning.IsDoubt).Select(warning => warning.Text))
        : null;
}

/// <summary>Something of a platform that people should know of.</summary>
/// <param name="Text">One or two sentences: what was seen, and what to do.</param>
public sealed record CoverageWarning(CoverageNote Note, bool IsDoubt, string Text);

/// <summary>Why something is missing.</summary>
public enum CutReason
{
    /// <summary><see cref="ReadRequest.RecordsMax"/> was reached.</summary>
    RecordsMax,

    /// <summary>An interval had more pages than <see cref="ReadRequest.PagesMax"/>.</summary>
    PagesMax,

    /// <summary>The platform gave the same page, or the same page token, again; going on would never end.</summary>
    RepeatedPageToken,

    /// <summary>The manifest passed over an error answer, so something may be missing.</summary>
    AnswersIgnored,

    /// <summary>Page after page had no rows and named a next one; going on would never end.</summary>
    EmptyPages,

    /// <summary>A page was short, and the platform failed when asked for the next one, so nobody knows whether there is more.</summary>
    ProbeFailed,

    /// <summary>The pages ended before the total was reached that the platform itself tells.</summary>
    TotalNotReached,

    /// <summary>The platform refused some partitions and showed others.</summary>
    PartitionsRefused,

    /// <summary>Partitions came or went while the read was interrupted, and there are too many to know which were read.</summary>
    PartitionsChanged,

    /// <summary>A partition that <see cref="ReadRequest.Only"/> names does not exist.</summary>
    PartitionsMissing,

    /// <summary>The platform lists only so many rows of an interval, and the cursor did not lead beyond them.</summary>
    ListEnded,

    /// <summary>A page was asked for in several requests, each for some fields, and some records did not come in all of them.</summary>
    FieldsMissing,

    /// <summary>Rows came that cannot be records: no JSON objects, or not valid UTF-8. What they stand for was not kept.</summary>
    RowsRefused,

    /// <summary>Rows of a parent stream cannot be records, so what is below them was not read.</summary>
    ParentsRefused,

    /// <summary>A report was prepared, and the answer about it does not name what to download.</summary>
    DownloadsMissing,
}

/// <summary>What was noticed about a platform.</summary>
public enum CoverageNote
{
    /// <summary>Pages have fewer rows than the manifest asks for. The engine went on with what the platform gives.</summary>
    PageSizeCapped,

    /// <summary>Rows came twice on neighbouring pages: pages moved while they were read, and rows may have slipped past. A doubt.</summary>
    PagesMoved,

    /// <summary>The total fell while pages that are counted were read: rows behind a deleted one move up and may have slipped past. A doubt.</summary>
    TotalFell,

    /// <summary>The total changed while pages were read.</summary>
    TotalChanged,

    /// <summary>Most rows lie outside of the interval that was asked for: the platform seems to ignore the filter.</summary>
    IntervalIgnored,

    /// <summary>Rows of other partitions came besides those that were asked for.</summary>
    PartitionIgnored,

    /// <summary>Cursor values are finer than the manifest's <c>cursor_granularity</c>, and several intervals were read before that was seen. A doubt.</summary>
    CursorTooFine,

    /// <summary>Rows have no readable cursor value.</summary>
    RowsWithoutCursor,

    /// <summary>Only the chosen partitions or intervals were read.</summary>
    Selection,

    /// <summary>A cursor of the state lay in the future and was not believed.</summary>
    CursorFromFuture,

    /// <summary>There are more partitions than a state holds, so one cursor serves all from now on.</summary>
    GlobalCursor,

    /// <summary>Parents came, and not one of them has a value where the manifest says that its key stands, so no children were read. A doubt.</summary>
    ParentsWithoutKey,

    /// <summary>A report named nothing (<c>null</c>) where the manifest says that its downloads stand: most likely it is empty. A doubt.</summary>
    DownloadsNone,

    /// <summary>A value of some rows does not fit a transformation or the filter of the manifest; they were kept without it. A doubt.</summary>
    RowsUncomputed,

    /// <summary>Entries of the platform's own list of streams or fields are no JSON objects, so what they stand for is unknown and not backed up. A doubt.</summary>
    DescriptionsRefused,
}
