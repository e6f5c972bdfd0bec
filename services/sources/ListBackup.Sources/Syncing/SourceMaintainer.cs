using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>
/// Carries out a source's maintenance, one step per message: policy, retention, compaction, garbage (and once a day that of attachments), verification in turn, and now and then a restore drill. Between two
/// steps it sends itself a message, so that sources of many accounts take turns. A delivery that dies is followed by one that begins its step anew.
/// </summary>
public sealed class SourceMaintainer(
    RunStore runs, MaintenanceQueue queue, MaintenanceSteps steps, SyncOptions options, TimeProvider clock, ILogger<SourceMaintainer> log)
{
    /// <summary>A worker that showed nothing for this long is taken for dead. A live one shows itself three times in it.</summary>
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(3);

    /// <summary>From the beginning of a pass to that of the next.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    /// <summary>A step that did not end so many times is left out of this pass. Tomorrow's pass tries it again.</summary>
    public const int FailuresMax = 3;
    private static readonly TimeSpan DeadlineMargin = TimeSpan.FromSeconds(20);

    public async Task WorkAsync(SourceId source, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var token = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        if (await TakeAsync(source, token, cancellation) is not { } taken) return;
        if (taken.Failures > FailuresMax)
        {
            log.LogWarning("Maintenance of source {Source} leaves out its step {Step}: it did not end {Times} times", source, taken.Step, FailuresMax);
            await EndStepAsync(taken, token, cancellation);
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var left = deadline - DeadlineMargin - clock.GetUtcNow();
        using var late = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var lateOrStop = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, late.Token);
        var work = steps.DoAsync(taken.AccountId, source, taken.Step, lateOrStop.Token);
        if (!await HoldAsync(work, source, token, cancellation))
        {
            // Another delivery has it now.
            await stop.CancelAsync();
            return;
        }
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // It takes longer than a delivery has. What the step keeps for itself, such as which bytes were read, is kept; it is begun again.
            await ReleaseAsync(source, token, m => m, cancellation);
            await queue.SendAsync(taken, TimeSpan.Zero, cancellation);
            return;
        }
        catch
        {
            // The queue delivers the message again, after its pause; the lease must not stand in its way.
            await ReleaseAsync(source, token, m => m, cancellation);
            throw;
        }
        await EndStepAsync(taken, token, cancellation);
    }

    private async Task<SourceMaintenance?> TakeAsync(SourceId source, string token, CancellationToken cancellation)
    {
        var taken = false;
        var stored = await UpdateAsync(source, m =>
        {
            taken = m.StartedAt is not null && options.IsFree(m.LeaseUntil, LeaseTime, clock.GetUtcNow());
            return taken ? m with { Lease = token, LeaseUntil = clock.GetUtcNow() + LeaseTime, NextAt = clock.GetUtcNow() + MaintenanceQueue.Silence, Failures = m.Failures + 1 } : null;
        }, cancellation);
        return taken ? stored!.Value : null;
    }

    /// <summary>Waits for the work, and holds on meanwhile. False: it is somebody else's now.</summary>
    private async Task<bool> HoldAsync(Task work, SourceId source, string token, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LeaseTime / 3, clock);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (await Task.WhenAny(work, tick) != work)
        {
            var now = clock.GetUtcNow();
            if (!await ChangeAsync(source, token, m => m with { LeaseUntil = now + LeaseTime, NextAt = now + MaintenanceQueue.Silence }, cancellation)) return false;
            tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        }
        return true;
    }

    private async Task EndStepAsync(SourceMaintenance taken, string token, CancellationToken cancellation)
    {
        var next = taken.Step + 1;
        if (next < MaintenanceStep.Done)
        {
            if (await ReleaseAsync(taken.SourceId, token, m => m with { Step = next, Failures = 0 }, cancellation)) await queue.SendAsync(taken, TimeSpan.Zero, cancellation);
            return;
        }
        await runs.UpdateSourceAsync(taken.AccountId, taken.SourceId, s => s with { MaintainedAt = clock.GetUtcNow() }, cancellation);
        await ReleaseAsync(taken.SourceId, token, m => m with { Step = MaintenanceStep.Policy, Failures = 0, StartedAt = null, NextAt = Next(m) }, cancellation);
    }

    private DateTimeOffset Next(SourceMaintenance ended)
    {
        var planned = (ended.StartedAt ?? clock.GetUtcNow()) + Every;
        // A pass that took days is followed by a pause all the same.
        return planned > clock.GetUtcNow() + TimeSpan.FromHours(1) ? planned : clock.GetUtcNow() + TimeSpan.FromHours(1);
    }

    private Task<bool> ReleaseAsync(SourceId source, string token, Func<SourceMaintenance, SourceMaintenance> change, CancellationToken cancellation) =>
        ChangeAsync(source, token, m => change(m) with { Lease = null, LeaseUntil = null }, cancellation);

    private async Task<bool> ChangeAsync(SourceId source, string token, Func<SourceMaintenance, SourceMaintenance> change, CancellationToken cancellation)
    {
        var held = false;
        await UpdateAsync(source, m =>
        {
            held = m.Lease == token;
            return held ? change(m) : null;
        }, cancellation);
        return held;
    }

    private Task<Stored<SourceMaintenance>?> UpdateAsync(SourceId source, Func<SourceMaintenance, SourceMaintenance?> change, CancellationToken cancellation) =>
        runs.Items.UpdateAsync(SourceKeys.Maintenance(source), SourceItemsJson.Default.SourceMaintenance, change, cancellation, m => m.Index);
}
