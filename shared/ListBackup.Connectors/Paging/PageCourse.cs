using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Paging;

/// <summary>
/// The course of the pages of one interval: decides after each page whether there is a next one. No single sign of a platform is believed that another
/// contradicts: not a short page before a full one was seen, not the end of pages while the total says more, not a token that came before.
/// </summary>
internal sealed class PageCourse
{
    /// <summary>Some platforms search in steps and find nothing for a while; one that finds nothing this often goes on for ever.</summary>
    private const int EmptyPagesMax = 1_000;

    private readonly long? _asked;
    private readonly int _pagesMax;
    private readonly Repetition _repetition = new();
    private readonly NeighbourKeys? _neighbours;
    private int _repeated;
    private int _parts;

    /// <param name="asked">Rows that each page is asked to have.</param>
    /// <param name="from">Where an earlier part of the read stopped in this interval, or null at its start.</param>
    public PageCourse(PageSizes sizes, PaginationStrategy? strategy, long? asked, IReadOnlyList<FieldPath> key, int pagesMax, Value token, PageProgress? from)
    {
        Sizes = sizes;
        Progress = from ?? PageProgress.Start;
        IsCounted = strategy is { IsCounted: true };
        _asked = asked;
        _pagesMax = pagesMax;
        _neighbours = IsCounted ? new NeighbourKeys(key) : null;
        if (from is null || from.Pages == 0)
            _repetition.IsRepeated(token);
        else
            _repetition.Restore(from.Repetition);
        if (from?.Neighbours is { } keys)
            _neighbours?.Restore(keys);
    }

    /// <summary>The platform does not tell how to go on: pages are counted.</summary>
    public bool IsCounted { get; }

    public bool HasPages => Progress.Pages > 0;

    public PageSizes Sizes { get; private set; }

    public PageProgress Progress { get; private set; }

    /// <summary>The next request asks only whether there is anything behind a short page.</summary>
    public bool IsProbing => Progress.Probed is not null;

    /// <summary>Nothing may be behind the last page, so a platform that refuses to show it has shown everything.</summary>
    public bool MayBeAtEnd => IsProbing || (IsCounted && Progress.Rows > 0 && Progress.Rows == Progress.Total);

    /// <summary>The platform has told of more rows than came so far.</summary>
    public bool IsShortOfTotal => Sizes.HeedsTotals && Progress.Rows < Progress.Total;

    /// <summary>Takes a page that arrived: its next token stays only where reading goes on. A part of a page changes nothing yet.</summary>
    public void Take(Page page)
    {
        page.Repeated = _neighbours?.Count(page.PartRows, page.IsWhole) ?? 0;
        _repeated += page.Repeated;
        _parts++;
        if (page.IsWhole)
        {
            Decide(page, _repetition.IsSamePage(page));
            Progress = Progress with { Repetition = _repetition.ToValue(), Neighbours = _neighbours?.Tail };
            (_repeated, _parts) = (0, 0);
        }

        page.Progress = Progress;
    }

    private void Decide(Page page, bool looksSame)
    {
        // Two pages that begin and end alike may differ in between, which is looked at where much depends on it.
        looksSame = looksSame && (Progress.ProbedPage is not { } digest || _parts > 1 || Repetition.Digest(page) == digest);

        // Rows without keys may be alike by right. Whether it is that, or a platform that ignores the page's number, the page after next tells.
        var isTwin = looksSame && _neighbours is { SawKeys: false } && !Progress.IsTwin;
        var isSame = looksSame && !isTwin;
        if (Progress.Probed is { } probed && EndsProbe(page, probed, isSame, isTwin))
            return;

        var rowsBefore = Progress.Rows;
        Progress = (Progress with
        {
            Pages = Progress.Pages + 1,
            Rows = Progress.Rows + page.Rows - _repeated,
            Empty = page.Rows == 0 ? Progress.Empty + 1 : 0,
            Probed = isTwin ? Progress.Probed : null,
            ProbedPage = isTwin ? Progress.ProbedPage : null,
            IsTwin = isTwin,
        }).Hear(page.IsTotalOfRest ? page.Total + rowsBefore : page.Total);
        if (isTwin && IsProbing)
            return;
        if (IsCounted && _asked is { } asked)
            Sizes = Sizes.WithPage(page.Rows, asked);
        if (page.NextToken.IsNone)
            return;

        if (IsCounted && !GoesOn(page))
            page.NextToken = Value.None;
        else if (_repetition.IsRepeated(page.NextToken) || isSame)
            page.End(CutReason.RepeatedPageToken);
        else if (Progress.Empty >= EmptyPagesMax)
            page.End(CutReason.EmptyPages);
        else if (Progress.Pages >= _pagesMax)
            page.End(CutReason.PagesMax);
    }

    /// <summary>
    /// True when nothing is behind the short page. The same page once more is nothing, too: the platform has one page and ignores its number; and so are rows
    /// that moved over from the page before.
    /// </summary>
    private bool EndsProbe(Page page, long probed, bool isSame, bool isTwin)
    {
        if (isTwin)
            return false;
        if (!isSame && page.Rows > _repeated)
        {
            Sizes = Sizes.WithMore(probed);
            return false;
        }

        if (page.Cut is null)
            Sizes = Progress.IsTwin && !isSame ? Sizes.WithMore(probed) : Sizes.WithLast(probed);
        page.NextToken = Value.None;
        if (isSame && Progress.ProbedPage is { } digest && _parts == 1 && Repetition.Digest(page) == digest)
            page.LeaveOut();
        Progress = Progress with { Probed = null, ProbedPage = null, IsTwin = false };

        return true;
    }

    private bool GoesOn(Page page)
    {
        if (page.Rows == 0)
            return false;
        if (_asked is not { } asked || Sizes.IsFull(page.Rows, asked))
            return true;
        if (Progress.Total is { } total && Sizes.HeedsTotals)
        {
            if (Progress.Rows >= total)
                return false;
        }
        else if (Sizes.IsBelieved(page.Rows))
        {
            return false;
        }

        Progress = Progress with { Probed = page.Rows, ProbedPage = _parts == 1 ? Repetition.Digest(page) : null };

        return true;
    }
}
