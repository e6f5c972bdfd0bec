using System.Text.RegularExpressions;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Keeps a snapshot, or all, whatever the retention says.</summary>
/// <param name="Name">Unique in the source.</param>
/// <param name="Seq">The snapshot; absent: every one that is there.</param>
/// <param name="Since">When it was put.</param>
/// <param name="Until">When it ends by itself; absent: when it is released.</param>
/// <param name="Kind">hold (put by a person under a name), pin (one snapshot, for good) or quarantine (until somebody has decided).</param>
public sealed record HoldView(string Name, long? Seq, DateTimeOffset Since, DateTimeOffset? Until, string Kind)
{
    public static HoldView Of(SnapshotHold hold) => new(hold.Name, hold.Seq, hold.Since, hold.Until,
        hold.Name == QuarantineHold.Name ? "quarantine" : hold.Name.StartsWith(SnapshotHolds.PinPrefix, StringComparison.Ordinal) ? "pin" : "hold");
}

/// <param name="Seq">The snapshot; absent: every one that is there now.</param>
/// <param name="Until">When it ends by itself; absent: when it is released.</param>
public sealed record PutHoldRequest(long? Seq = null, DateTimeOffset? Until = null);

/// <summary>Holds and pins of a source's snapshots. They lie in the vault's signed manifests, so that maintenance anywhere heeds them.</summary>
public sealed partial class SnapshotHolds(SnapshotAccess snapshots, ActivityLog activities, TimeProvider clock)
{
    public const string PinPrefix = "pin-";

    public static SnapshotHold PinOf(long seq, DateTimeOffset now) => new($"{PinPrefix}{seq}", seq, now);

    public async Task<Ok<Page<HoldView>>> ListAsync(HttpContext http, SourceId source, CancellationToken cancellation)
    {
        var vault = await snapshots.VaultAsync(http.GetAccess().Account.Id, source, cancellation);
        return TypedResults.Ok(new Page<HoldView>([.. (await vault.ListHoldsAsync(source.ToString(), cancellation)).Select(HoldView.Of)], null));
    }

    /// <summary>Puts a hold, or replaces the one of this name.</summary>
    public async Task<Ok<HoldView>> PutAsync(HttpContext http, SourceId source, string name, PutHoldRequest request, CancellationToken cancellation)
    {
        RequireName(name);
        if (request.Until <= clock.GetUtcNow()) throw Problem.Invalid("until", "Must lie in the future.");
        return TypedResults.Ok(await PutAsync(http, source, new(name, request.Seq, clock.GetUtcNow(), request.Until), "hold.put", cancellation));
    }

    /// <summary>Releases a hold. None of this name: nothing happens.</summary>
    public async Task<NoContent> ReleaseAsync(HttpContext http, SourceId source, string name, CancellationToken cancellation)
    {
        RequireName(name);
        return await LiftAsync(http, source, name, "hold.released", cancellation);
    }

    /// <summary>Keeps one snapshot for good. Repeating it changes nothing.</summary>
    public async Task<Ok<HoldView>> PinAsync(HttpContext http, SourceId source, long seq, CancellationToken cancellation)
    {
        var vault = await snapshots.VaultAsync(http.GetAccess().Account.Id, source, cancellation);
        var pin = PinOf(seq, clock.GetUtcNow());
        if ((await vault.ListHoldsAsync(source.ToString(), cancellation)).FirstOrDefault(h => h.Name == pin.Name) is { } before) return TypedResults.Ok(HoldView.Of(before));
        return TypedResults.Ok(await PutAsync(http, source, pin, "snapshot.pinned", cancellation));
    }

    public Task<NoContent> UnpinAsync(HttpContext http, SourceId source, long seq, CancellationToken cancellation) =>
        LiftAsync(http, source, $"{PinPrefix}{seq}", "snapshot.unpinned", cancellation);

    private async Task<HoldView> PutAsync(HttpContext http, SourceId source, SnapshotHold hold, string action, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var vault = await snapshots.VaultAsync(access.Account.Id, source, cancellation);
        try
        {
            await vault.PutHoldAsync(source.ToString(), hold, cancellation);
        }
        catch (VaultException exception) when (exception is VaultNotFoundException or SnapshotExpiredException)
        {
            throw Problem.NotFound(hold.Seq is { } seq ? $"Snapshot {seq}" : "A snapshot of this source");
        }
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, action, source.ToString(), cancellation,
        [
            ("hold", hold.Name),
            .. hold.Seq is { } held ? [("snapshot", $"{held}")] : Array.Empty<(string, string)>(),
            .. hold.Until is { } until ? [("until", until.UtcDateTime.ToString("O"))] : Array.Empty<(string, string)>(),
        ]);
        return HoldView.Of(hold);
    }

    private async Task<NoContent> LiftAsync(HttpContext http, SourceId source, string name, string action, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var vault = await snapshots.VaultAsync(access.Account.Id, source, cancellation);
        if ((await vault.ListHoldsAsync(source.ToString(), cancellation)).All(h => h.Name != name)) return TypedResults.NoContent();
        await vault.LiftHoldAsync(source.ToString(), name, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, action, source.ToString(), cancellation, ("hold", name));
        return TypedResults.NoContent();
    }

    private static void RequireName(string name)
    {
        if (!NameForm().IsMatch(name)) throw Problem.Invalid("name", "Must have 1 to 60 lower-case letters, digits and hyphens.");
        if (name == QuarantineHold.Name || name.StartsWith(PinPrefix, StringComparison.Ordinal))
            throw Problem.Invalid("name", "This name is ListBackup's own: pin a snapshot, or decide about the quarantine.");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,59}$")]
    private static partial Regex NameForm();
}
