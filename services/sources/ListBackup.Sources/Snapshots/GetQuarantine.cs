using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The snapshots of a source that wait for a person's decision.</summary>
/// <param name="Since">When the first of them was committed.</param>
/// <param name="LastGoodSeq">The snapshot before the first of them; absent when there was none.</param>
/// <param name="Newest">The number that a decision has to name, so that it is made of what was looked at.</param>
/// <param name="Snapshots">They, oldest first, with what is unusual about each.</param>
/// <param name="Difference">Where the last good one and the newest are compared.</param>
public sealed record QuarantineView(DateTimeOffset Since, long? LastGoodSeq, long Newest, IReadOnlyList<SnapshotSummaryView> Snapshots, string? Difference);

public sealed class GetQuarantine(RunStore runs)
{
    public async Task<Ok<QuarantineView>> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var source = (await runs.GetSourceAsync(account, sourceId, cancellation)).Value;
        var open = source.Quarantine ?? throw Problem.NotFound("A snapshot in quarantine");
        var snapshots = new List<SnapshotSummaryView>();
        foreach (var seq in open.Seqs)
        {
            if (await runs.Items.FindAsync(SourceKeys.Snapshot(sourceId, seq), SourceItemsJson.Default.SourceSnapshot, cancellation) is { } snapshot)
                snapshots.Add(SnapshotSummaryView.Of(snapshot.Value));
        }
        return TypedResults.Ok(new QuarantineView(open.Since, open.LastGoodSeq, open.Seqs[^1], snapshots,
            open.LastGoodSeq is { } good ? $"/v1/accounts/{account}/sources/{sourceId}/diff?from={good}&to={open.Seqs[^1]}" : null));
    }
}
