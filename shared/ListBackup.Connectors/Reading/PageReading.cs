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

    private static readonly Dictionary<string, string> NoHeaders = [];

    private static readonly Lazy<PageBuffer> NoScratch = new(() => new PageBuffer(0));

    private readonly BoundExtractor _extractor = stream.Retriever.Selector.Extractor.Bind(session.Context);

    private readonly PageRequests _requests = new(stream, session);
    private PartitionsAhead? _partitions;

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
    public int Behind => Asking?.Behind ?? 0;

    /// <summary>The intervals that come next, as far as one can tell.</summary>
    public IEnumerable<(Partition Partition, CursorSlice Slice)> Following { get; set; } = [];

    /// <summary>What decides what is asked for before its turn; null: nothing is. Reports are ordered ahead by themselves.</summary>
    private AskingAhead? Asking => Ahead is null || stream.Retriever.Job is not null ? null : field ??= new AskingAhead(stream, session, Ahead, _requests, this);

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
        await _requests.PrepareAsync(cancellation);
        var asked = paginator.Strategy?.Asked(context);
        var course = new PageCourse(Sizes, paginator.Strategy, asked, stream.PrimaryKey, PagesMax, token, from);
        var count = 0;
        bool goesOn;
        Asking?.DropBehind();
        do
        {
            count++;
            if (!IsParent)
                session.Page++;
            var pageContext = _requests.Context(token, context);
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
            var filling = new PageFilling(stream, Pipeline, content, answer);
            goesOn = false;
            await foreach (var (rows, page) in PartsAsync(answer, content, partition, slice, token, pageContext, cancellation))
            {
                filling.Fill(rows, page, pageContext, token);
                Take(course, page);
                var isFull = reset.IsFull(page);
                if (page.IsWhole)
                {
                    page.ResumeToken = page.NextToken;
                    if (isFull)
                        GoOn(page, isAnswer: false);
                    token = Following(page);
                    goesOn = page.HasMore || !token.IsNone;
                    Asking?.GoAhead(page, course, asked, count, context, cancellation);
                }

                yield return page;
            }
        }
        while (goesOn);

        Asking?.EndInterval(count);

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

            Asking?.DropBehind();
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
        if (_requests.Chunks is { Count: > 1 } chunks)
        {
            yield return await new PageMerging(stream, session, _extractor).RunAsync(
                answer, content, chunks, partition, slice,
                properties => _requests.SendAsync(partition, slice, token, QueryProperties.With(context, properties), session, cancellation));
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
            var answer = Asking?.Take(partition, slice, token)?.AnswerAsync(session) ?? _requests.SendAsync(partition, slice, token, context, session, cancellation);
            if (isFirst)
                Asking?.GoAheadToNextIntervals(cancellation);

            return await answer;
        }
        catch (TemporarySpaceException) when (Ahead is { IsStopped: false })
        {
            // Several large pages at once do not fit into the temporary folder; one after the other they may.
            await Ahead.StopAsync();
            Asking?.ForgetBehind();

            return await _requests.SendAsync(partition, slice, token, context, session, cancellation);
        }
    }

    public static DateTimeOffset? TimeOf(HttpAnswer answer) =>
        answer.Header("Date") is { } text && DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static async IAsyncEnumerable<Partition> Whole()
    {
        await Task.CompletedTask;
        yield return Partition.Whole;
    }
}
