using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// Partitions, a few of which are known before it is their turn. What finding them costs, cuts or breaks becomes known at their turn and not before.
/// </summary>
internal sealed class PartitionsAhead(PartitionRouter router, Session session, int count)
{
    private readonly Queue<Entry> _entries = new();

    /// <summary>Those that come next.</summary>
    public IEnumerable<Partition> Upcoming => _entries.Select(entry => entry.Partition).OfType<Partition>();

    public async IAsyncEnumerable<Partition> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        _entries.Clear();
        var aside = session.Aside(0);
        await using var source = router.PartitionsAsync(aside, cancellation).GetAsyncEnumerator(cancellation);
        for (var ended = false; ;)
        {
            while (!ended && _entries.Count <= count)
                ended = await NextAsync(source, aside);

            var entry = _entries.Dequeue();
            session.Evidence = session.Evidence.With(entry.Cost);
            session.ParentCut ??= entry.Cut;
            if (entry.Failure is { } failure)
            {
                if (failure.SourceException is PlatformException exception)
                    exception.Place(session.Page, session.Evidence);
                failure.Throw();
            }

            if (entry.Partition is null)
                yield break;

            yield return entry.Partition;
        }
    }

    /// <returns>True when there are no more.</returns>
    private async Task<bool> NextAsync(IAsyncEnumerator<Partition> source, Session aside)
    {
        var (partition, failure) = ((Partition?)null, (ExceptionDispatchInfo?)null);
        try
        {
            if (await source.MoveNextAsync())
                partition = source.Current;
        }
        catch (Exception exception)
        {
            // Whatever it is, the partitions before it come first.
            failure = ExceptionDispatchInfo.Capture(exception);
        }

        _entries.Enqueue(new Entry(partition, failure, aside.Evidence, aside.ParentCut));
        (aside.Evidence, aside.ParentCut) = (PageEvidence.Nothing, null);

        return partition is null;
    }

    /// <param name="Partition">Null at the end.</param>
    /// <param name="Cost">What finding it has cost.</param>
    private sealed record Entry(Partition? Partition, ExceptionDispatchInfo? Failure, PageEvidence Cost, CutReason? Cut);
}
