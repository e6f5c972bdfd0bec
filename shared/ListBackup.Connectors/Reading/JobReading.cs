using System.Runtime.CompilerServices;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// The pages of reports: of one interval of one partition each. A read that stops goes on with the report that was ordered, and with the download that it
/// stopped in.
/// </summary>
internal sealed class JobReading(StreamProgram stream, Session session)
{
    private const int AttemptsMax = 3;

    private static readonly Lazy<PageBuffer> NoScratch = new(() => new PageBuffer(0));

    private readonly Dictionary<string, OrderedJob> _ahead = new(StringComparer.Ordinal);

    private AsyncJob Job => stream.Retriever.Job!;

    /// <summary>Reports that may be on their way besides the one whose turn it is.</summary>
    private int AheadMax => stream.Retriever.Job is null ? 0 : session.JobsMax - 1;

    /// <summary>The same partitions, of which the reports of the next ones are ordered before it is their turn.</summary>
    /// <param name="first">The interval that a partition is read from first; null: it is not read.</param>
    public async IAsyncEnumerable<Partition> AheadAsync(
        IAsyncEnumerable<Partition> partitions, Func<Partition, CursorSlice?> first, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var source = partitions.GetAsyncEnumerator(cancellation);
        var next = new Queue<Partition>();
        for (var hasMore = true; hasMore || next.Count > 0;)
        {
            while (hasMore && next.Count <= AheadMax)
            {
                hasMore = await source.MoveNextAsync();
                if (hasMore)
                    next.Enqueue(source.Current);
            }

            if (AheadMax > 0)
                await OrderAheadAsync(next.Select(partition => (partition, first(partition))), cancellation);
            if (next.TryDequeue(out var partition))
                yield return partition;
        }
    }

    /// <summary>The same intervals, likewise. What the first one shows may move the others, so it is awaited.</summary>
    public async IAsyncEnumerable<(CursorSlice Slice, PagePosition? From)> AheadAsync(
        Partition partition, IEnumerable<(CursorSlice Slice, PagePosition? From)> slices, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var source = slices.GetEnumerator();
        var next = new Queue<(CursorSlice Slice, PagePosition? From)>();
        var ahead = 0;
        for (var hasMore = true; hasMore || next.Count > 0; ahead = AheadMax)
        {
            while (hasMore && next.Count <= ahead)
            {
                hasMore = source.MoveNext();
                if (hasMore)
                    next.Enqueue(source.Current);
            }

            if (ahead > 0)
                await OrderAheadAsync(next.Where(one => one.From is null).Select(one => (partition, (CursorSlice?)one.Slice)), cancellation);
            if (next.TryDequeue(out var one))
                yield return one;
        }
    }

    /// <param name="token">Where an earlier read stopped, or nothing.</param>
    /// <param name="pages">The pages of one download from a token on.</param>
    public async IAsyncEnumerable<Page> PagesAsync(
        Partition partition,
        CursorSlice slice,
        ExpressionContext context,
        Value token,
        Func<ExpressionContext, Value, IAsyncEnumerable<Page>> pages,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var place = JobPlace.Parse(token);
        var ordered = place is null ? null : Job.Ordered(context, place.Answer, null, session);
        if (ordered is null && _ahead.Remove(NameOf(partition, slice), out ordered))
            yield return Waiting(partition, slice, ordered);

        ExpressionContext? done = null;
        for (var attempt = 1; done is null; attempt++)
        {
            if (ordered is null)
            {
                ordered = await OrderAsync(partition, slice, context, cancellation);
                yield return Waiting(partition, slice, ordered);
            }

            var (status, polled) = await WaitAsync(ordered, isEarlier: place is not null, cancellation);
            switch (status)
            {
                case JobStatus.Completed:
                    done = polled;
                    continue;
                case JobStatus.Skipped:
                    yield break;
                case JobStatus.TimedOut when attempt >= AttemptsMax:
                    throw new PlatformTimedOutException(Job.TimeLimit(context), session.Failure(ordered.Host));
                case JobStatus.Failed when attempt >= AttemptsMax:
                    throw new PlatformServerException(session.Failure(ordered.Host) with { Retries = attempt - 1, ManifestMessage = "It could not prepare the report." });

                // Whoever was told to come back later has waited.
                case JobStatus.Failed when place is null:
                    await Job.WaitAfterFailureAsync(ordered, session, cancellation);
                    break;
            }

            (ordered, place) = (null, null);
        }

        var targets = await Job.TargetsAsync(done, session, cancellation);
        if (targets.IsAbsent || targets.IsNull)
            yield return WithoutDownload(partition, slice, ordered!, targets);
        await foreach (var page in DownloadsAsync(ordered!, place, targets.Downloads, pages))
            yield return page;
        await Job.FinishAsync(done, session, cancellation);
    }

    private async Task OrderAheadAsync(IEnumerable<(Partition Partition, CursorSlice? Slice)> next, CancellationToken cancellation)
    {
        foreach (var (partition, slice) in next)
        {
            if (_ahead.Count > AheadMax)
                return;
            if (slice is null || _ahead.ContainsKey(NameOf(partition, slice)))
                continue;
            try
            {
                _ahead[NameOf(partition, slice)] = await OrderAsync(partition, slice, PageReading.Context(session, partition, slice), cancellation);
            }
            catch (PlatformException)
            {
                // The platform takes no more reports now, or refuses this one. It is ordered again when its turn comes, and then a refusal counts.
                return;
            }
        }
    }

    private static async IAsyncEnumerable<Page> DownloadsAsync(
        OrderedJob job, JobPlace? place, IReadOnlyList<ExpressionContext> downloads, Func<ExpressionContext, Value, IAsyncEnumerable<Page>> pages)
    {
        var print = JobPlace.PrintOf(downloads);

        // Where the platform lists other downloads than before, or in another order, none of them is known to be behind us.
        var isSame = place?.Print == print;
        for (var file = isSame ? place!.File : 0; file < downloads.Count; file++)
        {
            await foreach (var page in pages(downloads[file], isSame && file == place!.File ? place.Token : Value.None))
            {
                var isRead = page.NextToken.IsNone && !page.HasMore;
                page.HasMore |= isRead && file < downloads.Count - 1;
                page.ResumeToken = new JobPlace(job.Answer, isRead ? file + 1 : file, print, isRead ? Value.None : page.ResumeToken).ToValue();
                if (isRead || page.ResumeToken.IsNone)
                    page.Progress = Paging.PageProgress.Start;
                yield return page;
            }
        }
    }

    private async Task<OrderedJob> OrderAsync(Partition partition, CursorSlice slice, ExpressionContext context, CancellationToken cancellation) =>
        await Job.OrderAsync(context, order =>
        {
            stream.Retriever.Router?.Inject(order, partition, context);
            stream.Cursor?.Inject(order, slice, context);
        }, session, cancellation);

    /// <param name="isEarlier">It was ordered by an earlier read, and the platform may have thrown it away since.</param>
    private async Task<(JobStatus Status, ExpressionContext Context)> WaitAsync(OrderedJob job, bool isEarlier, CancellationToken cancellation)
    {
        try
        {
            return await Job.WaitAsync(job, session, cancellation);
        }
        catch (PlatformException exception) when (isEarlier && exception is PlatformRefusedException or PlatformNotReadableException)
        {
            return (JobStatus.Failed, job.Context);
        }
    }

    /// <summary>No rows yet; but from here on the state knows the order.</summary>
    private static Page Waiting(Partition partition, CursorSlice slice, OrderedJob job) => new(partition, slice, static () => Value.None, NoScratch)
    {
        HasMore = true,
        IsWhole = false,
        IsOrder = true,
        ResumeToken = new JobPlace(job.Answer, 0, null, Value.None).ToValue(),
    };

    /// <summary>No rows, because the platform did not name where they are. Other downloads of the same report follow, if there are any.</summary>
    private static Page WithoutDownload(Partition partition, CursorSlice slice, OrderedJob job, JobTargets targets)
    {
        var hasMore = targets.Downloads.Count > 0;
        var page = new Page(partition, slice, static () => Value.None, NoScratch)
        {
            NamesNoDownload = targets.IsNull,
            HasMore = hasMore,
            ResumeToken = hasMore ? new JobPlace(job.Answer, 0, null, Value.None).ToValue() : Value.None,
        };
        if (targets.IsAbsent)
            page.End(CutReason.DownloadsMissing);

        return page;
    }

    private static string NameOf(Partition partition, CursorSlice slice) => $"{partition.Key} {PythonText.Repr(Value.Of(slice.Fields))}";
}
