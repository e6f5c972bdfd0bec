using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Makes records of the rows of one answer, part by part, and of its end the token of the next page.</summary>
internal sealed class PageFilling(StreamProgram stream, RecordPipeline pipeline, PageContent content, HttpAnswer answer)
{
    // What the earlier parts had, copied out of buffers that are gone.
    private int _rows;
    private ReadOnlyMemory<byte> _firstRow;
    private ReadOnlyMemory<byte> _lastRow;
    private ReadOnlyMemory<byte> _lastRecord;

    /// <summary>Makes the records of some rows, and at the end of the page the token of the next.</summary>
    public void Fill(PageRows part, Page page, ExpressionContext context, Value token)
    {
        try
        {
            var rows = part.Rows;
            page.Records = pipeline.Run(part, context, page.Slice, page.Scratch);
            page.Rows = _rows + part.Listed;
            page.PartRows = rows;
            page.Refused = part.Refused;
            page.FirstRow = _rows > 0 ? _firstRow : rows.Count > 0 ? rows[0] : default;
            page.LastRow = rows.Count > 0 ? rows[^1] : _lastRow;
            if (!page.IsWhole)
            {
                // A read that stops here reads this page again: where in it one stopped may be another place tomorrow.
                page.HasMore = true;
                page.ResumeToken = token;
                Add(page);

                return;
            }

            page.Total = stream.Total?.InPage is { } path ? TotalProbing.Number(ValuePaths.Get(page.Response, path.Keys)) : null;
            page.IsTotalOfRest = stream.Total is { CountsRest: true };
            if (stream.Retriever.Paginator.Strategy is { } strategy && !(stream.Cursor is { IsFeed: true } && pipeline.EndedOld))
                page.NextToken = ValueJson.Detached(strategy.NextToken(NextContext(page, context), page.Rows, token));
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    private ExpressionContext NextContext(Page page, ExpressionContext context)
    {
        // A record that the filter dropped still is the last of its page.
        var last = page.Records.Count > 0 ? page.Records[^1] : _lastRecord.IsEmpty ? page.LastRow : _lastRecord;

        return context
            .With(Variable.LastPageSize, Value.Of(page.Rows))
            .SetLater(Variable.Response, () => content.Response)
            .SetLater(Variable.Headers, () => answer.Headers)
            .SetLater(Variable.LastRecord, () => last.IsEmpty ? Value.Of(new ValueMap()) : ValueJson.Parse(last));
    }

    private void Add(Page page)
    {
        _rows = page.Rows;
        if (_firstRow.IsEmpty)
            _firstRow = page.FirstRow.ToArray();
        _lastRow = page.LastRow.ToArray();
        if (page.Records.Count > 0)
            _lastRecord = page.Records[^1].ToArray();
    }
}
