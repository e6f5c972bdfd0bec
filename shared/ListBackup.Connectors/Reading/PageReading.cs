using System.Runtime.CompilerServices;
using System.Text.Json;
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
                page.HasMore = at < downloads.Count - 1;
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
            var page = await OnePageAsync(partition, slice, token, context, cancellation);
            var next = page.NextToken;
            if (!next.IsNone && (repetition.IsRepeated(next) || repetition.IsSamePage(page)))
                page.End(CutReason.RepeatedPageToken);
            else if (!next.IsNone && count >= PagesMax)
                page.End(CutReason.PagesMax);
            token = page.NextToken;

            yield return page;

            if (token.IsNone)
                yield break;
        }
    }

    private async Task<Page> OnePageAsync(Partition partition, CursorSlice slice, Value token, ExpressionContext context, CancellationToken cancellation)
    {
        var retriever = stream.Retriever;
        var tokenMap = token.IsNone ? Value.None : Value.Of(new ValueMap().Set("next_page_token", token));
        var pageContext = context.With(Variable.NextPageToken, tokenMap);
        var parts = retriever.Requester.Build(pageContext, retriever.Paginator.Path(token));
        if (retriever.Job is null && (token.IsNone || !retriever.BarePages))
        {
            retriever.Router?.Inject(parts, partition, pageContext);
            stream.Cursor?.Inject(parts, slice, pageContext);
        }

        retriever.Paginator.Inject(parts, token, pageContext);
        var answer = await retriever.Requester.SendAsync(parts, pageContext, session, cancellation);
        var page = new Page(partition, slice, answer);
        try
        {
            if (answer.Resolution.Action == ResponseAction.Ignore && !answer.IsGood)
            {
                // 404 and 410 say that there is nothing, which is a complete answer; any other refusal hides what is there.
                if ((int)answer.Status is not (404 or 410))
                    session.Evidence = session.Evidence with { AnswersIgnored = session.Evidence.AnswersIgnored + 1 };
                Count(1, 0, 0, 0);

                return page;
            }

            Fill(page, answer, pageContext, token);

            return page;
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    private void Fill(Page page, HttpAnswer answer, ExpressionContext context, Value token)
    {
        var limits = session.Ports.Http.Limits;
        PageRows rows;
        try
        {
            page.Decoded = stream.Retriever.Decoder.Decode(answer.Body, limits.AnswerBytesMax);
            rows = stream.Retriever.Selector.Extractor.Extract(page.Decoded.Memory, stream.Retriever.Decoder, _recordsPath, page.Scratch);
        }
        catch (JsonException)
        {
            throw new PlatformNotReadableException("it is not JSON, or nested too deep", session.Failure(answer.Host) with { Status = answer.Status });
        }
        catch (NotReadableException exception)
        {
            throw new PlatformNotReadableException(exception.Message, session.Failure(answer.Host) with { Status = answer.Status });
        }
        catch (TransportException exception)
        {
            throw session.Sender.Translate(exception, session.Failure(answer.Host) with { Status = answer.Status });
        }

        page.Rows = rows.Count;
        page.Records = Pipeline.Run(rows, context, page.Slice, page.Scratch);
        page.Response = Body(page.Decoded.Memory);
        page.FirstRow = rows.Rows.Count > 0 ? rows.Rows[0] : default;
        page.LastRow = rows.Rows.Count > 0 ? rows.Rows[^1] : default;
        Count(1, rows.Count, page.Records.Count, rows.Refused);
        if (stream.Cursor is { IsFeed: true } && Pipeline.CameToOld)
            return;

        if (stream.Retriever.Paginator.Strategy is { } strategy)
            page.NextToken = ValueJson.Detached(strategy.NextToken(NextContext(page, answer, context), rows.Count, token));
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

    private static ExpressionContext NextContext(Page page, HttpAnswer answer, ExpressionContext context)
    {
        // A record that the filter dropped still is the last of its page.
        var last = page.Records.Count > 0 ? page.Records[^1] : page.LastRow;

        return context
            .With(Variable.Response, page.Response)
            .Set(Variable.Headers, answer.Headers)
            .Set(Variable.LastPageSize, Value.Of(page.Rows))
            .Set(Variable.LastRecord, last.IsEmpty ? Value.Of(new ValueMap()) : ValueJson.Parse(last));
    }

    /// <summary>What paginators see as the response: the body, or its first item when it is a list, as the language has it.</summary>
    private static Value Body(ReadOnlyMemory<byte> json)
    {
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty)
            return Value.Of(new ValueMap());
        var value = ValueJson.Parse(json);

        return value.Kind != ValueKind.List ? value : value.List.Count > 0 ? value.List[0] : Value.Of(new ValueMap());
    }

    private static async IAsyncEnumerable<Partition> Whole()
    {
        await Task.CompletedTask;
        yield return Partition.Whole;
    }
}
