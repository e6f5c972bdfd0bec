using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>How two snapshots of a source differ, stream by stream, in numbers.</summary>
public sealed class CompareSnapshots(SnapshotAccess snapshots)
{
    public async Task<Ok<Page<StreamDifferenceView>>> RunAsync(HttpContext http, SourceId sourceId, long from, long to, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var vault = await snapshots.VaultAsync(account, sourceId, cancellation);
        var after = (await snapshots.OpenAsync(account, sourceId, to, cancellation)).Snapshot;
        CheckOrder(from, to);
        var before = from == 0 ? null : (await snapshots.OpenAsync(account, sourceId, from, cancellation)).Snapshot;

        var differences = new List<StreamDifferenceView>();
        foreach (var stream in after.Streams)
        {
            // Equal roots mean equal data: nothing need be read.
            var summary = before?.Streams.FirstOrDefault(s => s.Stream == stream.Stream)?.StateRoot == stream.StateRoot
                ? new DifferenceSummary(0, 0, 0, new Dictionary<string, long>(StringComparer.Ordinal))
                : await vault.SummarizeDiffAsync(sourceId.ToString(), stream.Stream, from, to, cancellation);
            differences.Add(new(stream.Stream, summary.Added, summary.Changed, summary.Deleted, summary.ChangedFields));
        }
        return TypedResults.Ok(new Page<StreamDifferenceView>(differences, null));
    }

    internal static void CheckOrder(long from, long to)
    {
        if (from < 0 || from >= to) throw Problem.Invalid("from", "Must be an earlier snapshot than 'to', or 0 for the empty state before the first.");
    }
}
