using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>Makes one page of the answers to several requests, each of which named some of the fields.</summary>
internal sealed class PageMerging(StreamProgram stream, Session session, BoundExtractor extractor)
{
    /// <summary>What all answers for one page may have, in pages that are held: they have to be together to become records.</summary>
    private const int HeldPagesMax = 16;

    private long _bytes;

    /// <param name="first">The answer that names the next page; <paramref name="content"/> is its body.</param>
    /// <param name="fetch">Asks for the same page with other fields.</param>
    public async Task<(PageRows Rows, Page Page)> RunAsync(
        HttpAnswer first,
        PageContent content,
        IReadOnlyList<IReadOnlyList<string>> chunks,
        Partition partition,
        CursorSlice slice,
        Func<IReadOnlyList<string>, Task<HttpAnswer>> fetch)
    {
        var held = new List<IDisposable>();
        try
        {
            var merge = new RowMerge(stream.Retriever.Requester.Properties!.Chunking!.Key);
            CutReason? cut = null;
            Add(merge, content, held);
            foreach (var properties in chunks.Skip(1))
            {
                var answer = await fetch(properties);
                if (answer is { IsGood: false } or { Resolution.Action: ResponseAction.Ignore or ResponseAction.ResetPagination })
                {
                    // The records stay, without these fields.
                    answer.Dispose();
                    cut ??= CutReason.AnswersIgnored;
                    session.Evidence = session.Evidence with { AnswersIgnored = session.Evidence.AnswersIgnored + 1 };
                    continue;
                }

                using var more = PageContent.Open(answer, stream.Retriever.Decoder, session);
                Add(merge, more, held);
            }

            var scratch = new Lazy<PageBuffer>(() => new PageBuffer(int.MaxValue, session.Ports.Http.Pool), LazyThreadSafetyMode.None);
            var page = new Page(partition, slice, () => content.Response, scratch, [.. held]) { PlatformTime = PageReading.TimeOf(first) };
            if (cut is { } missing)
                page.Mark(missing);
            if (merge.Partial > 0)
            {
                page.Mark(CutReason.FieldsMissing);
                session.Evidence = session.Evidence with { RowsPartial = session.Evidence.RowsPartial + merge.Partial };
            }

            return (merge.Finish(scratch), page);
        }
        catch
        {
            held.ForEach(one => one.Dispose());
            throw;
        }
    }

    private void Add(RowMerge merge, PageContent content, List<IDisposable> held)
    {
        merge.Next();
        while (content.Next(extractor) is { } part)
        {
            held.Add(part.Owner);
            _bytes += part.Rows.Rows.Sum(row => (long)row.Length);
            if (part.SecondOwner is not null)
                held.Add(part.SecondOwner);
            var most = (long)HeldPagesMax * session.Ports.Http.Limits.HeldBytesMax;
            if (_bytes > most)
                throw new PlatformTooLargeException(most, session.Failure(), "page that takes several requests");
            merge.Add(part.Rows);
            if (part.Scratch.IsValueCreated)
                held.Add(part.Scratch.Value);
        }
    }
}
