using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record PlanRestoreRequest(long Seq, RestoreSelection Selection)
{
    /// <summary>Another connection of the account, on the same platform. Absent: where the backup came from.</summary>
    public ConnectionId? TargetConnectionId { get; init; }

    /// <summary>What happens to records that were changed on the platform since the last backup. Absent: skip.</summary>
    public ConflictRule? Conflicts { get; init; }

    /// <summary>Whether people who are made anew, because they were deleted since, get back the consent that the backup has of them. Absent: withhold.</summary>
    public DeletedConsent? ConsentOfDeleted { get; init; }

    /// <summary>Whether tags and the like that were added to live records since stay. Absent: keep.</summary>
    public AddedItems? AddedItems { get; init; }

    /// <summary>What becomes of single fields, by JSON Pointer: restore, keep, or overwrite (restore also what was changed on the platform since the last backup). It holds for all that lies in the field, unless a closer one is named.</summary>
    public IReadOnlyDictionary<string, string>? Fields { get; init; }

    /// <summary>What becomes of fields that are not named: restore or keep. Absent: restore.</summary>
    public FieldRule? OtherFields { get; init; }
}

/// <summary>Begins a restore by planning it. Nothing is written to the platform before somebody approves the plan.</summary>
public sealed class PlanRestore(RunStore runs, SnapshotAccess snapshots, IConnections connections, IPlatformWriter platform, JobStore jobs, JobMessages messages, ActivityLog activities, IItemStore items)
{
    private const int RecordsMax = 1000;

    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, PlanRestoreRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        Check(request.Selection);
        var reader = await snapshots.OpenAsync(access.Account.Id, sourceId, request.Seq, cancellation);
        var snapshot = reader.Snapshot;
        var target = await connections.OpenAsync(access.Account.Id, request.TargetConnectionId ?? source.Value.ConnectionId, ConnectionUse.Urgent, cancellation);
        if (target.Platform != source.Value.Platform) throw Problem.Invalid("targetConnectionId", $"Is a connection to {target.Platform}; the backup is of {source.Value.Platform}.");
        var writable = await StreamsAsync(target, cancellation);
        if (writable.Count == 0) throw Problem.Conflict("This platform's connector cannot write records back.", "restore-not-supported");
        var streams = StreamsOf(request.Selection, snapshot, writable);
        var fields = RestoreFields.Require(request.Fields, request.OtherFields, reader, streams.Select(s => s.Name));

        var job = jobs.New(source.Value, JobKind.Restore, JobState.Planning, access.Caller.Actor) with
        {
            Restore = new()
            {
                Seq = request.Seq,
                TargetConnectionId = target.Id == source.Value.ConnectionId ? null : target.Id,
                Selection = request.Selection,
                Conflicts = request.Conflicts ?? ConflictRule.Skip,
                ConsentOfDeleted = request.ConsentOfDeleted ?? DeletedConsent.Withhold,
                AddedItems = request.AddedItems ?? AddedItems.Keep,
                Fields = fields,
                PlannedBy = access.Caller.UserId,
                NeedsSecondPerson = await items.IsOnAsync(access.Account, AccountSettings.FourEyes, cancellation),
                Streams = [.. streams.Select(s => s.Name)],
                Warnings = [.. streams.Where(s => s.Warning is not null).Select(s => $"{s.Name}: {s.Warning}"), .. ConsentWarning(streams, request.ConsentOfDeleted)],
                BaseSeq = target.Id == source.Value.ConnectionId ? await BaseAsync(access.Account.Id, snapshot, cancellation) : null,
            },
        };
        await jobs.AddAsync(job, cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        await activities.AppendAsync(job.AccountId, job.RequestedBy, "restore.requested", job.Id.ToString(), cancellation, ("source", sourceId.ToString()), ("snapshot", request.Seq.ToString()),
            ("consentOfDeleted", ApiText.Of(job.Restore!.ConsentOfDeleted)));
        return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{sourceId}/jobs/{job.Id}", JobView.Of(job));
    }

    /// <summary>What the setting means for people, where any of the streams holds consent.</summary>
    private static IReadOnlyList<string> ConsentWarning(IReadOnlyList<RestoreStreamInfo> streams, DeletedConsent? consent) =>
        streams.All(s => s.NeverWeaken.Count == 0) ? [] :
        [
            consent == DeletedConsent.BringBack
                ? "Whoever was deleted since comes back with the consent that was last seen of them. What they said between the last backup and their deletion nobody knows: who said no then gets mail again. Approve this only when they were deleted by mistake."
                : "Whoever was deleted since comes back without consent, since they may have said no before they were deleted, and a later restore does not give it back. If they were deleted by mistake, plan with consentOfDeleted: bringBack instead.",
        ];

    private static void Check(RestoreSelection selection)
    {
        var message = selection switch
        {
            { Kind: RestoreKind.Records, Records: null or { Count: 0 or > RecordsMax } } => $"Name 1 to {RecordsMax} records by stream and key.",
            { Kind: RestoreKind.Records, Streams: not null } => "Records name their streams themselves.",
            { Kind: not RestoreKind.Records, Records: not null } => "Records go with kind records only.",
            { Kind: RestoreKind.Streams, Streams: null or { Count: 0 } } => "Name the streams.",
            { Kind: RestoreKind.Everything, Streams: not null } => "Everything names no streams.",
            _ => null,
        };
        if (message is not null) throw Problem.Invalid("selection", message);
    }

    private async Task<IReadOnlyList<RestoreStreamInfo>> StreamsAsync(OpenConnection target, CancellationToken cancellation)
    {
        try
        {
            return (await platform.OpenAsync(target, cancellation)).Streams;
        }
        catch (PlatformException failure)
        {
            throw Problem.Upstream(failure.Message);
        }
        catch (ConfigException refused)
        {
            throw Problem.Conflict(refused.Message, "connection-settings");
        }
    }

    /// <summary>In the manifest's order, in which a stream comes after those that it refers to.</summary>
    private static IReadOnlyList<RestoreStreamInfo> StreamsOf(RestoreSelection selection, Snapshot snapshot, IReadOnlyList<RestoreStreamInfo> writable)
    {
        var named = selection.Kind == RestoreKind.Records ? selection.Records!.Select(r => r.Stream).Distinct(StringComparer.Ordinal).ToList() : selection.Streams; // Checked before.
        if (named?.FirstOrDefault(name => writable.All(s => s.Name != name)) is { } fixedStream)
            throw Problem.Invalid("selection", $"Stream {fixedStream} cannot be written back: the platform or its connector does not allow it.");
        if (named?.FirstOrDefault(name => snapshot.Streams.All(s => s.Stream != name)) is { } absent)
            throw Problem.Invalid("selection", $"Snapshot {snapshot.Seq} has no stream {absent}.");
        return [.. writable.Where(s => snapshot.Streams.Any(has => has.Stream == s.Name) && (named is null || named.Contains(s.Name) || writable.Any(w => named.Contains(w.Name) && w.With.Contains(s.Name))))];
    }

    private async Task<long?> BaseAsync(AccountId account, Snapshot snapshot, CancellationToken cancellation)
    {
        var vault = await snapshots.VaultAsync(account, SourceId.Parse(snapshot.Source), cancellation);
        var newest = await vault.FindNewestSnapshotAsync(snapshot.Source, cancellation);
        return newest?.Seq > snapshot.Seq ? newest.Seq : null;
    }
}
