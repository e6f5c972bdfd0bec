using System.Runtime.CompilerServices;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Which records of a snapshot a restore has to look at.</summary>
public static class RestoreCandidates
{
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
public sealed record Candidate(string Key, ReadOnlyMemory<byte>? Json, ReadOnlyMemory<byte>? Base);
