using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>One delivery's hold on a part: only its holder moves the part, and a holder that dies loses it after <see cref="SyncOptions.Lease"/>.</summary>
public sealed class PartLease(RunStore runs, SyncOptions options, RunPart before, RunPart part, string token)
{
    public string Token => token;

    public RunPart Part { get; private set; } = part;

    /// <summary>Takes the part, or returns null and the part as it is: it ended, it must wait, or somebody holds it.</summary>
    public static async Task<(PartLease? Lease, RunPart? Part)> TakeAsync(RunStore runs, SyncOptions options, SyncMessage sync, string token, CancellationToken cancellation)
    {
        if (await runs.FindPartAsync(sync.SourceId, sync.RunId, sync.Stream, cancellation) is not { } found) return (null, null);
        var (taken, before) = (false, found.Value);
        var stored = await runs.UpdatePartAsync(found.Value, part =>
        {
            var isFree = options.IsFree(part.LeaseUntil, options.Lease, runs.Now);
            var isTime = part.NotBefore is null || part.NotBefore <= runs.Now;
            (taken, before) = (!part.HasEnded && isFree && isTime, part);
            return taken ? part with
            {
                State = PartState.Reading,
                Lease = token,
                LeaseUntil = runs.Now + options.Lease,
                NotBefore = null,
                Failures = part.Failures + 1,
                StartedAt = part.StartedAt ?? runs.Now,
                MovedAt = runs.Now,
            } : null;
        }, cancellation);
        return taken ? (new(runs, options, before, stored!.Value, token), stored.Value) : (null, stored?.Value);
    }

    /// <summary>Writes progress and holds on. False: the part was taken over by another delivery, which now works alone.</summary>
    public Task<bool> RenewAsync(PartCounts counts, bool hasProgress, CancellationToken cancellation) => ChangeAsync(part => part with
    {
        Counts = counts,
        LeaseUntil = runs.Now + options.Lease,
        MovedAt = runs.Now,
        Failures = hasProgress ? 0 : part.Failures,
    }, cancellation);

    /// <summary>Gives the part free for the next delivery, now or after a while.</summary>
    public Task<bool> ReleaseAsync(PartCounts? counts, bool hasProgress, PlatformException? failure, TimeSpan delay, CancellationToken cancellation) => ChangeAsync(part =>
    {
        var released = part with
        {
            State = delay > TimeSpan.Zero ? PartState.Delayed : PartState.Reading,
            Counts = counts ?? part.Counts,
            Lease = null,
            LeaseUntil = null,
            NotBefore = delay > TimeSpan.Zero ? runs.Now + delay : null,
            MovedAt = runs.Now,
            // The customer's own ceiling says nothing about whether the platform works.
            Failures = hasProgress ? 0 : failure is PlatformDailyCeilingException ? Math.Max(0, part.Failures - 1) : part.Failures,
            Reason = failure is null ? null : Reasons.Of(failure),
        };
        return failure is null ? released : released.Logged(runs.Now, $"{failure.Message} Tried again in {delay.TotalSeconds:0} s.");
    }, cancellation);

    /// <summary>Gives the part free as it was found: nothing was tried.</summary>
    public Task<bool> PutBackAsync(CancellationToken cancellation) => ChangeAsync(_ => before with { Lease = null, LeaseUntil = null, NotBefore = null }, cancellation);

    /// <summary>Waits for work, and holds on meanwhile, to the part and to what <paramref name="renew"/> renews. False: the part is somebody else's now.</summary>
    public async Task<bool> HoldAsync(Task work, Func<Task> renew, TimeProvider clock, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.Lease / 3, clock);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (await Task.WhenAny(work, tick) != work)
        {
            if (!await ChangeAsync(part => part with { LeaseUntil = runs.Now + options.Lease }, cancellation)) return false;
            await renew();
            tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        }
        return true;
    }

    private async Task<bool> ChangeAsync(Func<RunPart, RunPart> change, CancellationToken cancellation)
    {
        var held = false;
        var stored = await runs.UpdatePartAsync(Part, part =>
        {
            held = part.Lease == token && !part.HasEnded;
            return held ? change(part) : null;
        }, cancellation);
        if (held) Part = stored!.Value;
        return held;
    }
}
