using System.Globalization;
using ListBackup.Connectors.Cursors;

namespace ListBackup.Connectors.Reading;

/// <summary>What a read amounts to, in the words of somebody who can act on it.</summary>
internal static class CoverageSummary
{
    public static Coverage Of(ReadProgress progress, Session session, bool isFull)
    {
        var reasons = progress.Gaps.Keys.ToList();
        if (isFull)
            reasons.Insert(0, CutReason.RecordsMax);
        if (reasons.Count == 0 && session.Evidence.AnswersIgnored > 0)
            reasons.Add(CutReason.AnswersIgnored);
        var warnings = progress.Notes.Select(note => Warning(note, session.Evidence)).ToList();
        var missing = reasons.Select(reason => Text(reason, progress, session.Evidence)).ToList();
        var all = missing.Concat(warnings.Select(warning => warning.Text)).ToList();

        return new Coverage(reasons.Count == 0, reasons.Count == 0 ? null : reasons[0], Joined(all), session.Evidence)
        {
            Reasons = reasons,
            Missing = Joined(missing),
            Warnings = warnings,
        };
    }

    private static string? Joined(List<string> sentences) => sentences.Count == 0 ? null : string.Join(' ', sentences);

    private static string Text(CutReason reason, ReadProgress progress, PageEvidence evidence)
    {
        var count = progress.Gaps.GetValueOrDefault(reason);

        return reason switch
        {
            CutReason.RecordsMax => "The read stopped at the number of records that was asked for.",
            CutReason.PagesMax => "A partition had more pages than the limit; the rest was not read.",
            CutReason.RepeatedPageToken => "The platform gave the same page again; what may come after it was not read.",
            CutReason.AnswersIgnored => Invariant($"{Math.Max(count, evidence.AnswersIgnored)} answers with an error status were passed over as the manifest says{Statuses(evidence)}."),
            CutReason.EmptyPages => "The platform gave page after page without a row and named a next one each time; the rest was not read.",
            CutReason.ProbeFailed => "A page was shorter than asked, and the platform failed when asked for the next one; whether there is more is unknown.",
            CutReason.TotalNotReached => Invariant($"The platform says that it has more: {count} rows did not come."),
            CutReason.PartitionsRefused => Invariant($"The platform refused {count} of {count + progress.Partitions} partitions; grant access to them, or leave them out."),
            CutReason.PartitionsChanged => "Partitions came or went while the read was interrupted; those that came are read next time.",
            CutReason.PartitionsMissing => Invariant($"{count} of the partitions that were chosen do not exist."),
            CutReason.ListEnded => "The platform lists only so many rows at a time, and its cursor did not lead beyond them; the rest was not read.",
            CutReason.FieldsMissing => Invariant($"{evidence.RowsPartial} records came without some of their fields: the platform showed them to one request and not to another."),
            CutReason.RowsRefused => Invariant($"{count} rows were not JSON objects and could not be kept."),
            CutReason.ParentsRefused => "Rows of the parent stream were not JSON objects, so what is below them was not read.",
            CutReason.DownloadsMissing => Invariant($"{count} reports were prepared, and the platform did not name what to download at download_target_extractor in the manifest."),
            _ => "Something is missing.",
        };
    }

    private static CoverageWarning Warning(CoverageNote note, PageEvidence evidence) => note switch
    {
        CoverageNote.PageSizeCapped => new(note, false, Invariant($"The platform gives at most {evidence.PageSizeCap} rows to a page, fewer than asked; reading went on with that. Lower page_size in the manifest.")),
        CoverageNote.PagesMoved => new(note, true, "Rows came twice on neighbouring pages: they moved while they were read, so others may have slipped past."),
        CoverageNote.TotalFell => new(note, true, "The platform's total fell while pages were read: rows behind a deleted one may have slipped past."),
        CoverageNote.TotalChanged => new(note, false, "The platform's total changed while pages were read."),
        CoverageNote.IntervalIgnored => new(note, false, "Most rows lie outside of the interval that was asked for: the platform seems to ignore the filter."),
        CoverageNote.PartitionIgnored => new(note, false, "Rows of other partitions came as well: the platform seems to ignore which one is asked for."),
        CoverageNote.CursorTooFine => new(note, true, "Cursor values are finer than cursor_granularity in the manifest says, so rows between intervals may be missing. Make it finer."),
        CoverageNote.RowsWithoutCursor => new(note, false, "Some rows have no readable cursor value; they were kept, and a change of them is only seen by a full read."),
        CoverageNote.Selection => new(note, true, "Only the chosen partitions and intervals were read."),
        CoverageNote.CursorFromFuture => new(note, false, "A cursor of the state lay in the future and was not believed; everything was read."),
        CoverageNote.ParentsWithoutKey => new(note, true, Invariant($"None of {evidence.ParentsWithoutKey} records of the parent stream has a value at parent_key in the manifest, so nothing below them was read.")),
        CoverageNote.GlobalCursor => new(note, false, "There are more partitions than a state holds; from now on one cursor serves all."),
        CoverageNote.DownloadsNone => new(note, true, "A report named nothing to download; it was taken for empty."),
        CoverageNote.RowsUncomputed => new(note, true, Invariant($"{evidence.RowsUncomputed} records have a value that a transformation or the filter of the manifest cannot work with (a text that is no time); they were kept without what it computes.")),
        CoverageNote.DescriptionsRefused => new(note, true, DescriptionsRefused(evidence.DescriptionsRefused)),
        _ => new(note, false, note.ToString()),
    };

    /// <summary>What is told of a list of streams or fields of which some entries cannot be understood.</summary>
    public static string DescriptionsRefused(long entries) =>
        Invariant($"The platform's own list of what there is has entries that are no JSON objects ({entries}); what they stand for is unknown and not backed up.");

    private static string Statuses(PageEvidence evidence) => evidence.IgnoredByStatus.Count == 0
        ? ""
        : $" ({string.Join(", ", evidence.IgnoredByStatus.Select(pair => Invariant($"{pair.Value} × {pair.Key}")))})";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
