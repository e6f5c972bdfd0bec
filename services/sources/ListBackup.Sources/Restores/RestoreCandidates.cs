using System.Runtime.CompilerServices;
using System.Text.Json;
using ListBackup.Connectors.Restoring;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Which records of a snapshot a restore has to look at.</summary>
public static class RestoreCandidates
{
    /// <summary>Of how many records that refer to others of their stream the names are held in memory: about 300 MB. Far more than a plan may have.</summary>
    private const int OrderedMax = 1_000_000;

    /// <summary>
    /// As <see cref="OfAsync"/>, in the order of writing: where records of the stream refer to one another, each after those it refers to. Those that refer to none come
    /// first, as they stand in the backup; of the others names are held and contents read again.
    /// </summary>
    public static async IAsyncEnumerable<Candidate> InOrderAsync(RestoreSession session, RestoreDetail detail, string stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var own = References.ToItself(session.InfoOf(stream));
        // Some platforms write 0 where there is no parent.
        var hasZero = own.Count > 0 && await session.Reader.FindAsync(stream, "0", cancellation) is not null;
        var order = new RecordOrder();
        await foreach (var candidate in OfAsync(session, detail, stream, cancellation))
        {
            var refersTo = own.Count == 0 || candidate.Json is not { } json ? [] : RefersTo(json);
            if (refersTo.Count == 0) yield return candidate;
            else if (order.Count == OrderedMax)
                throw Domain.Problem.Conflict($"More than {OrderedMax:N0} records of {stream} refer to one another. Restore fewer at a time.", "plan-too-large");
            else order.Add(candidate.Key, session.OldId(stream, candidate.Key, candidate.Json!.Value), refersTo);
        }
        foreach (var record in order.InOrder())
        {
            var json = (await session.Reader.FindAsync(stream, record.Key, cancellation))?.Json;
            var newest = detail.Selection.Kind == RestoreKind.Records ? null : await session.InBaseAsync(stream, record.Key, cancellation);
            yield return new(record.Key, json, newest) { Later = record.Later };
        }

        IReadOnlyList<string> RefersTo(ReadOnlyMemory<byte> json)
        {
            using var document = JsonDocument.Parse(json);
            return [.. own.SelectMany(reference => References.Ids(document.RootElement, reference)).Where(id => id.Length > 0 && (id != "0" || hasZero))];
        }
    }

    /// <summary>
    /// The candidates of one stream, in the same order at every call. Where a newer snapshot is known, only what was deleted or changed since is looked at;
    /// else (another target, or the newest snapshot itself) every record is.
    /// </summary>
    public static async IAsyncEnumerable<Candidate> OfAsync(RestoreSession session, RestoreDetail detail, string stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (detail.Selection.Kind == RestoreKind.Records)
        {
            foreach (var name in detail.Selection.Records!.Where(r => r.Stream == stream)) // A selection of records is made with them.
                yield return new(name.Key, (await session.Reader.FindAsync(stream, name.Key, cancellation))?.Json, null);
            // Nobody asked for these by name, so one that is not there is no news.
            foreach (var name in detail.Selection.Records!.Where(r => session.InfoOf(r.Stream).With.Contains(stream) && !detail.Selection.Records!.Contains(new(stream, r.Key))))
            {
                if (await session.Reader.FindAsync(stream, name.Key, cancellation) is { } coupled) yield return new(name.Key, coupled.Json, null);
            }
        }
        else if (detail.BaseSeq is { } baseSeq)
        {
            await foreach (var difference in session.Vault.DiffAsync(session.Job.SourceId.ToString(), stream, detail.Seq, baseSeq, cancellation))
            {
                if (difference.Kind == DifferenceKind.Deleted) yield return new(difference.Key, difference.Before!.Json, null);
                else if (difference.Kind == DifferenceKind.Changed && detail.Selection.Kind != RestoreKind.Deletions)
                    yield return new(difference.Key, difference.Before!.Json, difference.After!.Json);
            }
        }
        else
        {
            await foreach (var record in session.Reader.ReadAsync(stream, cancellation)) yield return new(record.Key, record.Json, null);
        }
    }
}

/// <summary>A record to look at.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Json">Its content in the snapshot; null when it was not there.</param>
/// <param name="Base">Its content in the newest snapshot, where it is there and differs.</param>
public sealed record Candidate(string Key, ReadOnlyMemory<byte>? Json, ReadOnlyMemory<byte>? Base)
{
    /// <summary>Ids of records of the same stream that it refers to and that come after it, since they refer to it in turn.</summary>
    public IReadOnlyList<string> Later { get; init; } = [];
}
