using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

internal sealed partial class RestoreExecution
{
    /// <summary>How many writes of a kind go out together; 1 when each goes alone.</summary>
    public int BatchSize(string name, WriteKind kind) => program.Find(name).Batch(kind)?.Size ?? 1;

    /// <summary>Writes records of one stream and kind together where the manifest has a batch for it, and tells each outcome in their order as soon as it is known.</summary>
    public async IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var stream = program.Find(requests[0].Stream);
        if (requests.Count == 1 || stream.Batch(requests[0].Kind) is not { } batch)
        {
            foreach (var request in requests)
                yield return await WriteAsync(request, cancellation);

            yield break;
        }

        var session = OpenSession(requests[0].Stream);
        var writes = new List<PendingWrite>();
        foreach (var request in requests)
            writes.Add(await ReadyAsync(stream, request, session, cancellation));

        var told = 0;
        await foreach (var _ in SendPartsAsync(stream, batch, writes, session, cancellation))
        {
            for (; told < writes.Count && writes[told].Outcome is { } outcome; told++)
                yield return outcome;
        }

        for (; told < writes.Count; told++)
            yield return writes[told].Outcome!; // Each was sent or had its outcome before.
    }

    /// <summary>Sends what is ready. A request that is refused as a whole wrote nothing, so its halves are sent: one bad record costs the others nothing.</summary>
    private async IAsyncEnumerable<IReadOnlyList<BatchItem>> SendPartsAsync(
        RestoreStream stream, BatchOperation batch, List<PendingWrite> writes, Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var kind = writes[0].Request.Kind;
        var operation = stream.Operations[kind][0];
        var items = writes.Where(write => write.Outcome is null).Select(write => BatchItem.Of(write, operation, batch, Context(write, session), write.Request.Kind != WriteKind.Create || IsFoundUnderNewId(stream, write.Prepared!)));
        foreach (var group in WriteBatch.Groups(items.ToList(), batch))
        {
            var parts = new Stack<List<BatchItem>>([group]);
            while (parts.TryPop(out var part))
            {
                if (part.Count == 1)
                {
                    part[0].Write.Outcome = await SendAsync(stream, part[0].Write, session, cancellation);
                }
                else if (!await SendBatchAsync(stream, operation, batch, part, session, cancellation))
                {
                    parts.Push(part[(part.Count / 2)..]);
                    parts.Push(part[..(part.Count / 2)]);

                    continue;
                }

                yield return part;
            }
        }
    }

    /// <returns>False when the platform refused the request as a whole.</returns>
    private async Task<bool> SendBatchAsync(
        RestoreStream stream, RestoreOperation operation, BatchOperation batch, List<BatchItem> items, Session session, CancellationToken cancellation)
    {
        var list = Value.Of(items.Select(item => item.Value(operation, batch)));
        var context = items[0].Context.With(Variable.Items, list);
        using var answer = await SendAsync(stream, batch.Request, context, WriteBatch.IdempotencyKey(items), list, session, cancellation);
        if (!answer.IsGood || batch.Request.IsRefused(answer, context))
            return false;

        var refused = WriteBatch.Refused(items, batch, answer.Json, context);
        var written = WriteBatch.Written([.. items.Where(item => !refused.ContainsKey(item))], batch, answer.Json, context);
        var failure = session.Failure(answer.Host) with { Status = answer.Status };
        var unnamed = new List<BatchItem>();
        foreach (var item in items)
        {
            if (refused.TryGetValue(item, out var error))
                item.Write.Outcome = Refused(item.Prepared, WriteBatch.Code(batch, error, context), failure);
            else if (written.TryGetValue(item, out var entry))
                item.Write.Outcome = Written(stream, batch.Request, item, entry);
            else
                unnamed.Add(item);
        }

        await AskedAsync(stream, unnamed, failure, session, cancellation);

        return true;
    }

    /// <summary>An answer that passes over records tells nothing about them; the platform itself does.</summary>
    private static async Task AskedAsync(RestoreStream stream, IReadOnlyList<BatchItem> items, PlatformFailure failure, Session session, CancellationToken cancellation)
    {
        var lookups = items.Select(item => Wanted(stream, item.Write.Request.Record, item.Write.Request.LiveId, session)).ToList();
        try
        {
            await LookAsync(stream, lookups, session, cancellation);
        }
        catch (PlatformException)
        {
            // Whatever it was that failed, the batch went out before: this must not pass for a write that had no effect.
            throw new PlatformNotReadableException("it names not every record of a batch, and they could not be looked up", failure);
        }

        foreach (var (item, lookup) in items.Zip(lookups))
            item.Write.Outcome = Asked(stream, item, lookup.Found, failure);
    }

    private static WriteOutcome Asked(RestoreStream stream, BatchItem item, FoundRecord? found, PlatformFailure failure)
    {
        var request = item.Write.Request;
        var isWritten = found is not null && (request.Kind == WriteKind.Create || item.Write.Prepared!.Differences(found.Live, stream).Count == 0);

        return isWritten
            ? Outcome(request, item.Write.Live, item.Prepared, Id(stream, found!.Live), found.Live)
            : Refused(item.Prepared, null, failure) with { Reason = "The platform's answer to a batch does not name this record, and it is not there as it was sent." };
    }

    private static WriteOutcome Written(RestoreStream stream, RestoreOperation request, BatchItem item, Value entry)
    {
        var record = request.Record is { } place ? ValuePaths.Get(entry, place.Keys) : entry;
        var id = request.NewId is { } where ? Text(ValuePaths.Get(entry, where.Keys)) : Id(stream, record);

        return Outcome(item.Write.Request, item.Write.Live, item.Prepared, id, record);
    }

    private static WriteOutcome Refused(PreparedRecord prepared, string? code, PlatformFailure failure) =>
        Refused(code is null ? "The platform refused the record (in a batch)." : $"The platform refused the record (in a batch, {code}).") with
        {
            Failure = new PlatformRefusedException(failure),
            Kept = prepared.Kept,
            Unmapped = prepared.Unmapped,
        };
}
