using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Puts together the request for one page of a stream and sends it.</summary>
internal sealed class PageRequests(StreamProgram stream, Session session)
{
    /// <summary>The fields that each of the requests for a page names; null: none have to be named.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Chunks { get; private set; }

    /// <summary>Finds out which fields there are, where requests have to name them.</summary>
    public async ValueTask PrepareAsync(CancellationToken cancellation)
    {
        if (stream.Retriever.Requester.Properties is { } properties)
            Chunks = await properties.ChunksAsync(session, cancellation);
    }

    /// <summary>The context of one page of an interval.</summary>
    public ExpressionContext Context(Value token, ExpressionContext context)
    {
        var page = context.With(Variable.NextPageToken, token.IsNone ? Value.None : Value.Of(new ValueMap().Set("next_page_token", token)));

        return Chunks is null ? page : QueryProperties.With(page, Chunks[0]);
    }

    /// <param name="sending">Counts the request: the read itself, or what is asked for beside it.</param>
    public async Task<HttpAnswer> SendAsync(
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
}
