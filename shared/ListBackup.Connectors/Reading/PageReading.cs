using System.Runtime.CompilerServices;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads the pages of one stream: of one interval of one partition, or all of them for a stream that is somebody's parent.</summary>
internal sealed class PageReading(StreamProgram stream, Session session)
{
    private static readonly Lazy<PageBuffer> NoScratch = new(() => new PageBuffer(0));

    private readonly IReadOnlyList<string> _recordsPath = stream.Retriever.Selector.Extractor.Path(session.Context);

    public RecordPipeline Pipeline { get; } = new(stream, session);

    /// <summary>Most pages of one interval.</summary>
    public int PagesMax { get; init; } = 1_000_000;

    /// <summary>Reading a parent for its keys: its pages and rows are no evidence about the stream that is read.</summary>
    public bool IsParent { get; init; }

    /// <summary>Every page of every partition, without state. What is cut here is cut for the child as well.</summary>
    public async IAsyncEnumerable<Page> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var partition in PartitionsAsync(cancellation))
        {
            foreach (var slice in stream.Cursor?.Slices(session.Context, null, null) ?? [CursorSlice.Everything])
            {
                await foreach (var page in PagesAsync(partition, slice, Value.None, cancellation))
                {
                    if (page.Cut is { } cut)
                        session.ParentCut ??= cut;
                    yield return page;
                }
            }
        }
    }

    public IAsyncEnumerable<Partition> PartitionsAsync(CancellationToken cancellation) =>
        stream.Retriever.Router?.PartitionsAsync(session, cancellation) ?? Whole();

    /// <summary>The pages of one interval, from the one that <paramref name="token"/> names.</summary>
    public async IAsyncEnumerable<Page> PagesAsync(
        Partition partition, CursorSlice slice, Value token, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var context = session.Context.With(Variable.StreamSlice, partition.Slice(slice == CursorSlice.Everything ? null : slice.Fields));
        if (stream.Retriever.Job is { } job)
        {
            await foreach (var page in DownloadsAsync(job, partition, slice, context, cancellation))
                yield return page;
        }
        else
        {
            await foreach (var page in PagesAsync(partition, slice, token, context, cancellation))
                yield return page;
        }
    }

    /// <summary>A report may come in several files. A token of an earlier report is worth nothing, so the interval starts anew.</summary>
    private async IAsyncEnumerable<Page> DownloadsAsync(
        AsyncJob job, Partition partition, CursorSlice slice, ExpressionContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var downloads = await job.RunAsync(context, order =>
        {
            stream.Retriever.Router?.Inject(order, partition, context);
            stream.Cursor?.Inject(order, slice, context);
        }, session, cancellation);
        for (var at = 0; at < downloads.Count; at++)
        {
            await foreach (var page in PagesAsync(partition, slice, Value.None, downloads[at], cancellation))
            {
                // A report's own pages cannot be asked for again, so a read that stops inside starts the interval anew.
                page.HasMore |= at < downloads.Count - 1;
                if (page.HasMore)
                    page.ResumeToken = Value.None;
                yield return page;
            }
        }

        if (downloads.Count > 0)
            await job.FinishAsync(downloads[0], session, cancellation);
    }

    private async IAsyncEnumerable<Page> PagesAsync(
        Partition partition, CursorSlice slice, Value token, ExpressionContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (token.IsNothing)
            token = stream.Retriever.Paginator.FirstToken(context);
        var repetition = new Repetition();
        repetition.IsRepeated(token);
        for (var count = 1; ; count++)
        {
            if (!IsParent)
                session.Page++;
            var pageContext = PageContext(token, context);
            var answer = await FetchAsync(partition, slice, token, pageContext, cancellation);
            if (answer.Resolution.Action == ResponseAction.Ignore && !answer.IsGood)
            {
                yield return PassedOver(answer, partition, slice);
                yield break;
            }

            using var content = PageContent.Open(answer, stream.Retriever.Decoder, session);
            var before = new PartsBefore();
            while (content.Next(stream.Retriever.Selector.Extractor, _recordsPath) is { } part)
            {
                var page = Fill(part, before, content, answer, new Page(partition, slice, () => content.Response, part.Scratch, part.Owner, part.SecondOwner) { IsWhole = part.IsLast }, pageContext, token);
                if (page.IsWhole)
                {
                    var next = page.NextToken;
                    if (!next.IsNone && (repetition.IsRepeated(next) || repetition.IsSamePage(page)))
                        page.End(CutReason.RepeatedPageToken);
                    else if (!next.IsNone && count >= PagesMax)
                        page.End(CutReason.PagesMax);
                    token = page.NextToken;
                    page.ResumeToken = token;
                }

                yield return page;
            }

            if (token.IsNone)
                yield break;
        }
    }

    /// <summary>404 and 410 say that there is nothing, which is a complete answer; any other refusal hides what is there.</summary>
    private Page PassedOver(HttpAnswer answer, Partition partition, CursorSlice slice)
    {
        if ((int)answer.Status is not (404 or 410))
            session.Evidence = session.Evidence with { AnswersIgnored = session.Evidence.AnswersIgnored + 1 };
        Count(1, 0, 0, 0);

        return new Page(partition, slice, static () => Value.None, NoScratch, answer);
    }

    /// <summary>Makes the records of some rows, and at the end of the page the token of the next.</summary>
    private Page Fill(PagePart part, PartsBefore before, PageContent content, HttpAnswer answer, Page page, ExpressionContext context, Value token)
    {
        try
        {
            var rows = part.Rows.Rows;
            page.Records = Pipeline.Run(part.Rows, context, page.Slice, page.Scratch);
            page.Rows = before.Rows + part.Rows.Count;
            page.FirstRow = before.Rows > 0 ? before.FirstRow : rows.Count > 0 ? rows[0] : default;
            page.LastRow = rows.Count > 0 ? rows[^1] : before.LastRow;
            Count(page.IsWhole ? 1 : 0, part.Rows.Count, page.Records.Count, part.Rows.Refused);
            if (!page.IsWhole)
            {
                // A read that stops here reads this page again: where in it one stopped may be another place tomorrow.
                page.HasMore = true;
                page.ResumeToken = token;
                before.Add(page);
            }
            else if (stream.Retriever.Paginator.Strategy is { } strategy && !(stream.Cursor is { IsFeed: true } && Pipeline.CameToOld))
            {
                page.NextToken = ValueJson.Detached(strategy.NextToken(NextContext(page, before, content, answer, context), page.Rows, token));
            }

            return page;
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    private void Count(int pages, int arrived, int kept, int refused)
    {
        if (IsParent)
            return;
        var before = session.Evidence;
        session.Evidence = before with
        {
            Pages = before.Pages + pages,
            RowsArrived = before.RowsArrived + arrived,
            RowsKept = before.RowsKept + kept,
            RowsRefused = before.RowsRefused + refused,
        };
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

    private static ExpressionContext PageContext(Value token, ExpressionContext context) =>
        context.With(Variable.NextPageToken, token.IsNone ? Value.None : Value.Of(new ValueMap().Set("next_page_token", token)));

    private async Task<HttpAnswer> FetchAsync(Partition partition, CursorSlice slice, Value token, ExpressionContext context, CancellationToken cancellation)
    {
        var retriever = stream.Retriever;
        var parts = retriever.Requester.Build(context, retriever.Paginator.Path(token));
        if (retriever.Job is null && (token.IsNone || !retriever.BarePages))
        {
            retriever.Router?.Inject(parts, partition, context);
            stream.Cursor?.Inject(parts, slice, context);
        }

        retriever.Paginator.Inject(parts, token, context);

        return await retriever.Requester.SendAsync(parts, context, session, cancellation);
    }

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
