using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Reading;

/// <summary>Decides which pages of a read are asked for before it is their turn.</summary>
/// <param name="reading">Tells which intervals come next and how many records are wanted.</param>
internal sealed class AskingAhead(StreamProgram stream, Session session, PagesAhead ahead, PageRequests requests, PageReading reading)
{
    /// <summary>An interval of no more pages is a short one.</summary>
    private const int ShortPages = 2;

    /// <summary>What was asked for behind the page that is read, in its interval, and not read since: an interval may have a million pages.</summary>
    private readonly HashSet<string> _behind = new(StringComparer.Ordinal);
    private bool _isShort;

    /// <summary>How many pages behind the one that is read are remembered.</summary>
    public int Behind => _behind.Count;

    /// <summary>The answer that was asked for already, which is the caller's from here on; null when nobody did.</summary>
    public AnswerAhead? Take(Partition partition, CursorSlice slice, Value token)
    {
        var key = Key(partition, slice, token);
        _behind.Remove(key);

        return ahead.Take(key);
    }

    /// <summary>What was asked for behind the end of an interval.</summary>
    public void DropBehind()
    {
        ahead.Drop(_behind);
        _behind.Clear();
    }

    /// <summary>Nothing is asked for before its turn any more.</summary>
    public void ForgetBehind() => _behind.Clear();

    /// <param name="pages">How many pages the interval had.</param>
    public void EndInterval(int pages)
    {
        _isShort = pages <= ShortPages;
        DropBehind();
    }

    /// <summary>
    /// Asks for the next page while this one is worked on. Where pages are counted, those behind it are asked for as well: as many as the platform says that
    /// there are, or, where it does not tell, a quarter of those that came, so that of five requests no more than one is in vain.
    /// </summary>
    public void GoAhead(Page page, PageCourse course, long? asked, int count, ExpressionContext context, CancellationToken cancellation)
    {
        if (page.NextToken.IsNone || IsEnough)
            return;

        var token = page.NextToken;
        _behind.Add(Start(page.Partition, page.Slice, token, context, isNext: true, cancellation));

        // Behind a limit of rows there are no pages, whatever their numbers are.
        if (stream.Retriever.Reset is not null)
            return;
        if (!course.IsCounted || course.IsProbing || page.Rows == 0 || (asked is { } rows && !course.Sizes.IsFull(page.Rows, rows)))
            return;

        var more = course.Progress.Total is { } total ? ((total - course.Progress.Rows + page.Rows - 1) / page.Rows) - 1 : count / 4;
        for (; more > 0 && ahead.Room > 0; more--)
        {
            token = stream.Retriever.Paginator.Strategy!.NextToken(context, page.Rows, token);
            _behind.Add(Start(page.Partition, page.Slice, token, context, isNext: false, cancellation));
        }
    }

    /// <summary>
    /// Asks for the first pages of intervals that come next, where intervals have turned out to be short: what is asked for ahead of a long one would wait for
    /// its end.
    /// </summary>
    public void GoAheadToNextIntervals(CancellationToken cancellation)
    {
        if (!_isShort || IsEnough)
            return;
        foreach (var (partition, slice) in reading.Following)
        {
            if (ahead.Room == 0)
                return;
            var context = PageReading.Context(session, partition, slice);
            Start(partition, slice, stream.Retriever.Paginator.FirstToken(context), context, isNext: false, cancellation);
        }
    }

    private bool IsEnough => reading.RecordsMax is { } most && session.Evidence.RowsKept >= most;

    private string Start(Partition partition, CursorSlice slice, Value token, ExpressionContext context, bool isNext, CancellationToken cancellation)
    {
        var key = Key(partition, slice, token);
        var pageContext = requests.Context(token, context);
        ahead.Start(key, isNext, (aside, stop) => requests.SendAsync(partition, slice, token, pageContext, aside, stop), cancellation);

        return key;
    }

    private static string Key(Partition partition, CursorSlice slice, Value token) =>
        $"{partition.Key}\n{(partition.Extra is null ? "" : Partition.KeyOf(partition.Extra))}\n{PythonText.Repr(Value.Of(slice.Fields))}\n{PythonText.Repr(token)}";
}
