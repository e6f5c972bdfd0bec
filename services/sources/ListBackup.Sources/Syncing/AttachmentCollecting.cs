using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Collects attachments that no record of an account names, once a day for all its sources. It is a step in the maintenance of each, and the first that comes to it
/// takes it; an account of thousands of sources would else read all that they refer to as often.
/// </summary>
public sealed class AttachmentCollecting(RunStore runs, AccountVaults vaults)
{
    /// <summary>Less than a day, so that a pass that begins a little earlier than yesterday's does not leave it to tomorrow.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromHours(20);

    /// <summary>Longer than a step that is cut off and begun again takes. Two at once would do no harm: the vault's collectors may run together.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromHours(1);

    /// <summary>Does nothing when it is done for the day, or another source's pass is at it. One that is cut off is begun again by the same source, or later by another.</summary>
    /// <param name="account">Whose vault.</param>
    /// <param name="source">In whose maintenance.</param>
    /// <param name="cancellation">Cancels; what was deleted stays deleted, and the next call goes on.</param>
    public async Task CollectAsync(AccountId account, SourceId source, CancellationToken cancellation)
    {
        if (!await TakeAsync(account, source, cancellation)) return;
        var vault = await vaults.OpenAsync(account, cancellation);
        await vault.CollectAttachmentsAsync(GarbageReport.GraceDefault, isDryRun: false, cancellation);
        await UpdateAsync(account, _ => new() { CollectedAt = runs.Now }, cancellation);
    }

    private async Task<bool> TakeAsync(AccountId account, SourceId source, CancellationToken cancellation)
    {
        var key = SourceKeys.AttachmentCollection(account);
        if (await runs.Items.FindAsync(key, SourceItemsJson.Default.AttachmentCollection, cancellation) is null)
        {
            try
            {
                await runs.Items.PutAsync(ItemJson.Item(key, new(), SourceItemsJson.Default.AttachmentCollection), Condition.Absent, cancellation);
            }
            catch (ConditionFailedException)
            {
                // Another source's pass was faster; who of them takes it is decided below.
            }
        }

        var taken = false;
        await UpdateAsync(account, now =>
        {
            taken = !(now.CollectedAt > runs.Now - Every) && (now.TakenBy == source || !(now.TakenUntil > runs.Now));
            return taken ? now with { TakenBy = source, TakenUntil = runs.Now + HeldFor } : null;
        }, cancellation);
        return taken;
    }

    private Task UpdateAsync(AccountId account, Func<AttachmentCollection, AttachmentCollection?> change, CancellationToken cancellation) =>
        runs.Items.UpdateAsync(SourceKeys.AttachmentCollection(account), SourceItemsJson.Default.AttachmentCollection, change, cancellation);
}
