using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Newest">The newest snapshot in quarantine that the decision was made of; the decision is for it and those before it.</param>
/// <param name="Note">Why, for whoever asks later.</param>
public sealed record ReviewQuarantineRequest(long Newest, string? Note = null);

/// <summary>
/// A person decides about the snapshots in quarantine. Accepted: they are as they should be, and retention goes on. Kept: they are not to be trusted, and the snapshot
/// before the first of them is pinned, for good, before retention goes on.
/// </summary>
public sealed class ReviewQuarantine(RunStore runs, AccountVaults vaults, QuarantineHold hold, ActivityLog activities)
{
    private const int NoteLengthMax = 500;

    public async Task<Ok<SourceView>> RunAsync(HttpContext http, SourceId sourceId, QuarantineState decision, ReviewQuarantineRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        if (request.Note?.Length > NoteLengthMax) throw Problem.Invalid("note", $"Has at most {NoteLengthMax} characters.");
        var open = Judged((await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation)).Value, request);
        if (decision == QuarantineState.Kept) await PinAsync(access.Account.Id, sourceId, open.LastGoodSeq, cancellation);

        var review = new QuarantineReview(decision, access.Caller.Actor, runs.Now, request.Note);
        var empty = await NoteOnSnapshotsAsync(sourceId, open.Seqs, review, cancellation);
        var stored = await runs.UpdateSourceAsync(access.Account.Id, sourceId, source =>
        {
            Judged(source, request);
            return source with
            {
                Quarantine = null,
                NeedsReview = false,
                MayBeEmpty = decision == QuarantineState.Accepted ? [.. source.MayBeEmpty.Union(empty, StringComparer.Ordinal)] : source.MayBeEmpty,
            };
        }, cancellation) ?? throw Problem.NotFound("The source");
        await hold.ReconcileAsync(access.Account.Id, sourceId, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, $"quarantine.{ApiText.Of(decision)}", sourceId.ToString(), cancellation,
            [("snapshots", string.Join(", ", open.Seqs)), .. request.Note is { } note ? [("note", note)] : Array.Empty<(string, string)>()]);
        http.WriteETag(stored.Version);
        return TypedResults.Ok(SourceView.Of(stored.Value));
    }

    private static Quarantine Judged(Source source, ReviewQuarantineRequest request)
    {
        var open = source.Quarantine ?? throw Problem.Conflict("No snapshot of this source is in quarantine.", "no-quarantine");
        return open.Seqs[^1] == request.Newest ? open : throw Problem.Conflict($"Snapshot {open.Seqs[^1]} came into quarantine meanwhile. Look at it, then decide.", "quarantine-changed");
    }

    private async Task PinAsync(AccountId account, SourceId source, long? lastGood, CancellationToken cancellation)
    {
        if (lastGood is not { } seq) throw Problem.Conflict("There is no snapshot before those in quarantine that could be kept.", "no-snapshot-before");
        try
        {
            await (await vaults.OpenAsync(account, cancellation)).PutHoldAsync(source.ToString(), SnapshotHolds.PinOf(seq, runs.Now), cancellation);
        }
        catch (VaultException exception) when (exception is VaultNotFoundException or SnapshotExpiredException)
        {
            throw Problem.NotFound($"Snapshot {seq}");
        }
    }

    /// <summary>Returns the streams that had arrived empty.</summary>
    private async Task<IReadOnlyList<string>> NoteOnSnapshotsAsync(SourceId source, IReadOnlyList<long> seqs, QuarantineReview review, CancellationToken cancellation)
    {
        var empty = new List<string>();
        foreach (var seq in seqs)
        {
            var snapshot = await runs.Items.UpdateAsync(SourceKeys.Snapshot(source, seq), SourceItemsJson.Default.SourceSnapshot, s => s with { Quarantine = review }, cancellation);
            if (snapshot is not null) empty.AddRange(snapshot.Value.Anomalies.Where(a => a.Code == Anomalies.SuddenlyEmpty).Select(a => a.Stream));
        }
        return empty;
    }
}
