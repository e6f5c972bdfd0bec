using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads the pages of one stream: of one interval of one partition, or all of them for a stream that is somebody's parent.</summary>
internal sealed class PageReading(StreamProgram stream, Session session)
{
    /// <summary>How platforms refuse a page behind the last one. Any other refusal says nothing about what is there.</summary>
    private static readonly HashSet<int> PastEndStatuses = [400, 404, 410, 416, 422];

    /// <summary>An interval of no more pages is a short one.</summary>
    private const int ShortPages = 2;

    private static readonly Dictionary<string, string> NoHeaders = [];

    private static readonly Lazy<PageBuffer> NoScratch = new(() => new PageBuffer(0));

    private readonly BoundExtractor _extractor = stream.Retriever.Selector.Extractor.Bind(session.Context);

    /// <summary>What was asked for behind the page that is read, in its interval, and not read since: an interval may have a million pages.</summary>
    private readonly HashSet<string> _behind = new(StringComparer.Ordinal);
    private PartitionsAhead? _partitions;
    private bool _isShort;

    /// <summary>The fields that each of the requests for a page names; null: none have to be named.</summary>
    private IReadOnlyList<IReadOnlyList<string>>? _chunks;

    public RecordPipeline Pipeline { get; } = new(stream, session);

    /// <summary>Whether rows are of the partition that was asked for.</summary>
    public PartitionSight Others { get; } = new();

    /// <summary>What was learned of the platform's pages, in all intervals of the read.</summary>
    public PageSizes Sizes { get; set; } = PageSizes.Unknown;

    /// <summary>Most pages of one interval.</summary>
    public int PagesMax { get; init; } = 1_000_000;

    /// <summary>The reports of a stream that is read by reports.</summary>
    public JobReading Jobs { get; } = new(stream, session);

    /// <summary>Reading a parent for its keys: its pages and rows are no evidence about the stream that is read.</summary>
    public bool IsParent { get; init; }

    /// <summary>Where answers wait that were asked for before their turn; null: nothing is asked for before its turn.</summary>
    public PagesAhead? Ahead { get; init; }

    /// <summary>The next partitions, as far as they are known.</summary>
    public IEnumerable<Partition> Upcoming => _partitions?.Upcoming ?? [];

    /// <summary>The caller wants no more records than these, so that nothing is asked for behind them.</summary>
    public long? RecordsMax { get; init; }

    /// <summary>Every page of every partition, without state. What is cut here is cut for the child as well.</summary>
    public async IAsyncEnumerable<Page> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var partition in PartitionsAsync(cancellation))
        {
            foreach (var slice in stream.Cursor?.Slices(session.Context) ?? [CursorSlice.Everything])
            {
                Pipeline.Start(null);
                await foreach (var page in PagesAsync(partition, slice, Value.None, null, cancellation))
                {
                    if (page.Cut is { } cut)
                        session.ParentCut ??= cut;
                    yield return page;
                }
            }
        }
    }

    public IAsyncEnumerable<Partition> PartitionsAsync(CancellationToken cancellation)
    {
        if (stream.Retriever.Router is not { } router)
            return Whole();
        if (Ahead is null or { AtOnce: 1 })
            return router.PartitionsAsync(session, cancellation);
        _partitions = new PartitionsAhead(router, session, Ahead.AtOnce - 1);

        return _partitions.AllAsync(cancellation);
    }

    /// <summary>How many pages behind the one that is read are remembered.</summary>
    public int Behind => _behind.Count;

    /// <summary>The intervals that come next, as far as one can tell.</summary>
    public IEnumerable<(Partition Partition, CursorSlice Slice)> Following { get; set; } = [];

    /// <summary>The pages of one interval, from the one that <paramref name="token"/> names.</summary>
    /// <param name="from">What is known of the pages before it; null at the interval's start.</param>
    public async IAsyncEnumerable<Page> PagesAsync(
        Partition partition, CursorSlice slice, Value token, PageProgress? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var context = Context(session, partition, slice);
        if (stream.Retriever.Job is not null)
        {
            await foreach (var page in Jobs.PagesAsync(partition, slice, context, token, Inner, cancellation))
                yield return page;
        }
        else
        {
            await foreach (var page in PagesAsync(partition, slice, token, from, context, cancellation))
                yield return page;
        }

        IAsyncEnumerable<Page> Inner(ExpressionContext download, Value at) => PagesAsync(partition, slice, at, at.IsNothing ? null : from, download, cancellation);
    }

    /// <summary>The context in which partition and interval are known.</summary>
    public static ExpressionContext Context(Session session, Partition partition, CursorSlice slice) =>
        session.Context.With(Variable.StreamSlice, partition.Slice(slice == CursorSlice.Everything ? null : slice.Fields));

    private async IAsyncEnumerable<Page> PagesAsync(
        Partition partition, CursorSlice slice, Value token, PageProgress? from, ExpressionContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var paginator = stream.Retriever.Paginator;
        var reset = new ResetCourse(stream.Retriever.Reset, stream.Cursor);
        if (reset.IsCounted && !token.IsNothing)
        {
            // How many rows were listed before is not known any more, so it is gone on from the cursor instead of the page.
            (slice, token, from) = (reset.Rest(slice, Pipeline.Seen, context) ?? slice, Value.None, null);
            context = Context(session, partition, slice);
        }

        var brought = token.IsNothing && stream.Cursor is null ? partition.FirstPage : default;
        if (token.IsNothing)
            token = paginator.FirstToken(context);
        if (stream.Retriever.Requester.Properties is { } properties)
            _chunks = await properties.ChunksAsync(session, cancellation);
        var asked = paginator.Strategy?.Asked(context);
        var course = new PageCourse(Sizes, paginator.Strategy, asked, stream.PrimaryKey, PagesMax, token, from);
        var count = 0;
        bool goesOn;
        DropBehind();
        do
        {
            count++;
            if (!IsParent)
                session.Page++;
            var pageContext = PageContext(token, context);
            var (answer, cut) = brought.IsEmpty
                ? await FetchAsync(partition, slice, token, course, pageContext, cancellation)
                : (HttpAnswer.Of(brought, HttpStatusCode.OK, NoHeaders, "", session.Ports.Http), (CutReason?)null);
            var decoder = brought.IsEmpty ? stream.Retriever.Decoder : JsonDecoder.Instance;
            brought = default;
            var isReset = answer is { Resolution.Action: ResponseAction.ResetPagination };
            if (answer is null || isReset || (answer.Resolution.Action == ResponseAction.Ignore && !answer.IsGood))
            {
                var without = answer is null ? Refused(partition, slice, cut)
                    : isReset ? new Page(partition, slice, static () => Value.None, NoScratch, answer)
                    : PassedOver(answer, course, partition, slice);
                if (isReset)
                    GoOn(without, isAnswer: true);
                else
                    Take(course, without);
                token = Following(without);
                goesOn = without.HasMore || !token.IsNone;

                yield return without;
                continue;
            }

            using var content = PageContent.Open(answer, decoder, session);
            var before = new PartsBefore();
            goesOn = false;
            await foreach (var (rows, page) in PartsAsync(answer, content, partition, slice, token, pageContext, cancellation))
            {
                Fill(rows, before, content, answer, page, pageContext, token);
                Take(course, page);
                var isFull = reset.IsFull(page);
                if (page.IsWhole)
                {
                    page.ResumeToken = page.NextToken;
                    if (isFull)
                        GoOn(page, isAnswer: false);
                    token = Following(page);
                    goesOn = page.HasMore || !token.IsNone;
                    GoAhead(page, course, asked, count, context, cancellation);
                }

                yield return page;
            }
        }
        while (goesOn);

        _isShort = count <= ShortPages;
        DropBehind();

        // Begins the pages of the rest of the interval, or notes that they cannot be had.
        void GoOn(Page page, bool isAnswer)
        {
            if (page.Cut is not null)
                return;
            if (Pipeline.WentBack && stream.Retriever.Reset is { IsSplit: true })
                page.Mark(CutReason.ListEnded);
            if (reset.Next(slice, Pipeline.Seen, isAnswer, context) is not { } rest)
            {
                page.End(CutReason.ListEnded);
                return;
            }

            DropBehind();
            slice = rest;
            context = Context(session, partition, slice);
            course = new PageCourse(Sizes, paginator.Strategy, asked, stream.PrimaryKey, PagesMax, paginator.FirstToken(context), null);
            page.GoOn(rest);
        }

        Value Following(Page page) => page.HasMore ? paginator.FirstToken(context) : page.NextToken;
    }

    /// <summary>The parts of a page, each with its rows before they become records. Where it takes several requests, they are merged into one.</summary>
    private async IAsyncEnumerable<(PageRows Rows, Page Page)> PartsAsync(
        HttpAnswer answer,
        PageContent content,
        Partition partition,
        CursorSlice slice,
        Value token,
        ExpressionContext context,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (_chunks is { Count: > 1 })
        {
            yield return await new PageMerging(stream, session, _extractor).RunAsync(
                answer, content, _chunks, partition, slice,
                properties => SendAsync(partition, slice, token, QueryProperties.With(context, properties), session, cancellation));
            yield break;
        }

        while (content.Next(_extractor) is { } part)
        {
            yield return (part.Rows, new Page(partition, slice, () => content.Response, part.Scratch, part.Owner, part.SecondOwner)
            {
                IsWhole = part.IsLast,
                PlatformTime = TimeOf(answer),
            });
        }
    }

    /// <summary>What was asked for behind the end of an interval.</summary>
    private void DropBehind()
    {
        Ahead?.Drop(_behind);
        _behind.Clear();
    }

    /// <summary>
    /// Asks for the next page while this one is worked on. Where pages are counted, those behind it are asked for as well: as many as the platform says that
    /// there are, or, where it does not tell, a quarter of those that came, so that of five requests no more than one is in vain.
    /// </summary>
    private void GoAhead(Page page, PageCourse course, long? asked, int count, ExpressionContext context, CancellationToken cancellation)
    {
        if (Ahead is null || stream.Retriever.Job is not null || page.NextToken.IsNone || IsEnough)
            return;

        var token = page.NextToken;
        _behind.Add(Start(page.Partition, page.Slice, token, context, isNext: true, cancellation));

        // Behind a limit of rows there are no pages, whatever their numbers are.
        if (stream.Retriever.Reset is not null)
            return;
        if (!course.IsCounted || course.IsProbing || page.Rows == 0 || (asked is { } rows && !course.Sizes.IsFull(page.Rows, rows)))
            return;

        var more = course.Progress.Total is { } total ? ((total - course.Progress.Rows + page.Rows - 1) / page.Rows) - 1 : count / 4;
        for (; more > 0 && Ahead.Room > 0; more--)
        {
            token = stream.Retriever.Paginator.Strategy!.NextToken(context, page.Rows, token);
            _behind.Add(Start(page.Partition, page.Slice, token, context, isNext: false, cancellation));
        }
    }

    /// <summary>
    /// Asks for the first pages of intervals that come next, where intervals have turned out to be short: what is asked for ahead of a long one would wait for
    /// its end.
    /// </summary>
    private void GoAheadToNextIntervals(CancellationToken cancellation)
    {
        if (Ahead is null || !_isShort || stream.Retriever.Job is not null || IsEnough)
            return;
        foreach (var (partition, slice) in Following)
        {
            if (Ahead.Room == 0)
                return;
            var context = Context(session, partition, slice);
            Start(partition, slice, stream.Retriever.Paginator.FirstToken(context), context, isNext: false, cancellation);
        }
    }

    private bool IsEnough => RecordsMax is { } most && session.Evidence.RowsKept >= most;

    private string Start(Partition partition, CursorSlice slice, Value token, ExpressionContext context, bool isNext, CancellationToken cancellation)
    {
        var key = Key(partition, slice, token);
        var pageContext = PageContext(token, context);
        Ahead!.Start(key, isNext, (aside, stop) => SendAsync(partition, slice, token, pageContext, aside, stop), cancellation);

        return key;
    }

    private static string Key(Partition partition, CursorSlice slice, Value token) =>
        $"{partition.Key}\n{(partition.Extra is null ? "" : Partition.KeyOf(partition.Extra))}\n{PythonText.Repr(Value.Of(slice.Fields))}\n{PythonText.Repr(token)}";

    private void Take(PageCourse course, Page page)
    {
        var wasProbe = course.IsProbing;
        course.Take(page);
        Sizes = course.Sizes;
        if (IsParent)
            return;

        Others.Look(page.Partition, page.PartRows);
        var before = session.Evidence;
        session.Evidence = before with
        {
            Pages = before.Pages + (page.IsWhole ? 1 : 0),
            RowsArrived = before.RowsArrived + page.PartRows.Count + page.Refused,
            RowsKept = before.RowsKept + page.Records.Count,
            RowsRefused = before.RowsRefused + page.Refused,
            RowsRepeated = before.RowsRepeated + page.Repeated,
            RowsWithoutCursor = Pipeline.Sight.RowsWithout,
            RowsOutsideInterval = Pipeline.Sight.RowsOutside,
            RowsOfOtherPartitions = Others.RowsOther,
            RowsUncomputed = Pipeline.Uncomputed,
            Probes = before.Probes + (page.IsWhole && wasProbe ? 1 : 0),
            PageSizeCap = Sizes.Cap,
        };
    }

    /// <summary>A page behind the last one: the platform refuses to show it, or fails over it.</summary>
    private static Page Refused(Partition partition, CursorSlice slice, CutReason? cut)
    {
        var page = new Page(partition, slice, static () => Value.None, NoScratch);
        if (cut is { } reason)
            page.End(reason);

        return page;
    }

    /// <summary>
    /// An answer that the manifest passes over. 404 and 410 for a first page say that there is nothing, which is a complete answer; and so is a refusal to show
    /// a page behind the last: by any of the statuses that mean it where the last page may have been seen, by 404, 410 and 416 behind a full page too. A 400 or
    /// 422 behind a full page may as well be a platform that shows only so many rows. Any other hides what is there.
    /// </summary>
    private Page PassedOver(HttpAnswer answer, PageCourse course, Partition partition, CursorSlice slice)
    {
        var page = new Page(partition, slice, static () => Value.None, NoScratch, answer);
        var status = (int)answer.Status;
        var isNothing = course.HasPages
            ? course.MayBeAtEnd ? PastEndStatuses.Contains(status) : course.IsCounted && !course.IsShortOfTotal && status is (404 or 410 or 416)
            : status is 404 or 410;
        session.Evidence = session.Evidence.WithIgnored(status);
        if (isNothing)
            return page;

        session.Evidence = session.Evidence with { AnswersIgnored = session.Evidence.AnswersIgnored + 1 };
        page.End(CutReason.AnswersIgnored);

        return page;
    }

    /// <summary>Makes the records of some rows, and at the end of the page the token of the next.</summary>
    private void Fill(PageRows part, PartsBefore before, PageContent content, HttpAnswer answer, Page page, ExpressionContext context, Value token)
    {
        try
        {
            var rows = part.Rows;
            page.Records = Pipeline.Run(part, context, page.Slice, page.Scratch);
            page.Rows = before.Rows + part.Listed;
            page.PartRows = rows;
            page.Refused = part.Refused;
            page.FirstRow = before.Rows > 0 ? before.FirstRow : rows.Count > 0 ? rows[0] : default;
            page.LastRow = rows.Count > 0 ? rows[^1] : before.LastRow;
            if (!page.IsWhole)
            {
                // A read that stops here reads this page again: where in it one stopped may be another place tomorrow.
                page.HasMore = true;
                page.ResumeToken = token;
                before.Add(page);

                return;
            }

            page.Total = stream.Total?.InPage is { } path ? TotalProbing.Number(ValuePaths.Get(page.Response, path.Keys)) : null;
            page.IsTotalOfRest = stream.Total is { CountsRest: true };
            if (stream.Retriever.Paginator.Strategy is { } strategy && !(stream.Cursor is { IsFeed: true } && Pipeline.EndedOld))
                page.NextToken = ValueJson.Detached(strategy.NextToken(NextContext(page, before, content, answer, context), page.Rows, token));
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    private static ExpressionContext NextContext(Page page, PartsBefore before, PageContent content, HttpAnswer answer, ExpressionContext context)
    {
        // A record that the filter dropped still is the last of its page.
        var last = page.Records.Count > 0 ? page.Records[^1] : before.LastRecord.IsEmpty ? page.LastRow : before.LastRecord;

        return context
            .With(Variable.LastPageSize, Value.Of(page.Rows))
            .SetLater(Variable.Response, () => content.Response)
            .SetLater(Variable.Headers, () => answer.Headers)
            .SetLater(Variable.LastRecord, () => last.IsEmpty ? Value.Of(new ValueMap()) : ValueJson.Parse(last));
    }

    private ExpressionContext PageContext(Value token, ExpressionContext context)
    {
        var page = context.With(Variable.NextPageToken, token.IsNone ? Value.None : Value.Of(new ValueMap().Set("next_page_token", token)));

        return _chunks is null ? page : QueryProperties.With(page, _chunks[0]);
    }

    /// <summary>Gets a page. No answer means that the platform does not show it, because it is behind the last one; or why nobody knows whether it is.</summary>
    private async Task<(HttpAnswer? Answer, CutReason? Cut)> FetchAsync(
        Partition partition, CursorSlice slice, Value token, PageCourse course, ExpressionContext context, CancellationToken cancellation)
    {
        try
        {
            return (await FetchAsync(partition, slice, token, isFirst: !course.HasPages, context, cancellation), null);
        }
        catch (PlatformRefusedException exception) when (course.MayBeAtEnd && PastEndStatuses.Contains((int?)exception.Status ?? 0))
        {
            return (null, null);
        }
        catch (PlatformServerException exception) when (course.IsProbing && exception.Status is not null)
        {
            // We asked for a page that may not exist. What came before it stands; whether there is more stays unknown.
            return (null, CutReason.ProbeFailed);
        }
    }

    private async Task<HttpAnswer> FetchAsync(Partition partition, CursorSlice slice, Value token, bool isFirst, ExpressionContext context, CancellationToken cancellation)
    {
        try
        {
            var ahead = Ahead is null || stream.Retriever.Job is not null ? null : TakeAhead(Key(partition, slice, token));
            var answer = ahead?.AnswerAsync(session) ?? SendAsync(partition, slice, token, context, session, cancellation);
            if (isFirst)
                GoAheadToNextIntervals(cancellation);

            return await answer;
        }
        catch (TemporarySpaceException) when (Ahead is { IsStopped: false })
        {
            // Several large pages at once do not fit into the temporary folder; one after the other they may.
            await Ahead.StopAsync();
            _behind.Clear();

            return await SendAsync(partition, slice, token, context, session, cancellation);
        }
    }

    private AnswerAhead? TakeAhead(string key)
    {
        _behind.Remove(key);

        return Ahead!.Take(key);
    }

    private async Task<HttpAnswer> SendAsync(
        Partition partition, CursorSlice slice, Value token, ExpressionContext context, Session sending, CancellationToken cancellation)
    {
        var retriever = stream.Retriever;
        var parts = retriever.Requester.Build(context, retriever.Paginator.Path(token));
        if (retriever.Job is null && (token.IsNone || !retriever.BarePages))
        {
            retriever.Router?.Inject(parts, partition, context);
            stream.Cursor?.Inject(parts, slice, context);
        }

        retriever.Paginator.Inject(parts, token, context);

        return await retriever.Requester.SendAsync(parts, context, sending, cancellation);
    }

    public static DateTimeOffset? TimeOf(HttpAnswer answer) =>
        answer.Header("Date") is { } text && DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static async IAsyncEnumerable<Partition> Whole()
    {
        await Task.CompletedTask;
        yield return Partition.Whole;
    }

    /// <summary>What the earlier parts of a page had, copied out of buffers that are gone.</summary>
    private sealed class PartsBefore
    {
        public int Rows { get; private set; }

        public ReadOnlyMemory<byte> FirstRow { get; private set; }

        public ReadOnlyMemory<byte> LastRow { get; private set; }

        public ReadOnlyMemory<byte> LastRecord { get; private set; }

        public void Add(Page page)
        {
            Rows = page.Rows;
            if (FirstRow.IsEmpty)
                FirstRow = page.FirstRow.ToArray();
            LastRow = page.LastRow.ToArray();
            if (page.Records.Count > 0)
                LastRecord = page.Records[^1].ToArray();
        }
    }
}
