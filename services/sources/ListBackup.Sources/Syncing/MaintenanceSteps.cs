using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>What the steps of a source's maintenance do. Each may be repeated, and cut off anywhere.</summary>
public sealed class MaintenanceSteps(RunStore runs, AccountVaults vaults, QuarantineHold hold, SourceVerification verification, AttachmentCollecting attachments, SyncOptions options)
{
    public async Task DoAsync(AccountId account, SourceId source, MaintenanceStep step, CancellationToken cancellation)
    {
        if (await runs.FindSourceAsync(account, source, cancellation) is not { } stored) return;
        var vault = await vaults.OpenAsync(account, cancellation);
        switch (step)
        {
            case MaintenanceStep.Policy:
                await hold.ReconcileAsync(account, source, cancellation);
                await vault.SetRetentionAsync(source.ToString(), stored.Value.Retention?.ToVault(), cancellation);
                break;
            case MaintenanceStep.Retention:
                await LetGoAsync(vault, stored.Value, cancellation);
                break;
            case MaintenanceStep.Compaction:
                await vault.CompactAsync(source.ToString(), isFull: false, cancellation);
                break;
            case MaintenanceStep.Garbage:
                await vault.CollectGarbageAsync(source.ToString(), GarbageReport.GraceDefault, isDryRun: false, cancellation);
                break;
            case MaintenanceStep.Attachments:
                await attachments.CollectAsync(account, source, cancellation);
                break;
            case MaintenanceStep.Verification:
                await verification.VerifyAsync(vault, stored.Value, new() { Level = VerifyLevel.Blocks, Source = source.ToString(), BudgetBytes = await BudgetAsync(vault, source, cancellation) }, cancellation);
                break;
            case MaintenanceStep.Drill when IsDrillDue(stored.Value):
                await verification.VerifyAsync(vault, stored.Value, new() { Level = VerifyLevel.Restore, Source = source.ToString(), Seq = stored.Value.LastSnapshotSeq }, cancellation);
                break;
        }
    }

    private async Task<long> BudgetAsync(BackupVault vault, SourceId source, CancellationToken cancellation)
    {
        var newest = await vault.FindNewestSnapshotAsync(source.ToString(), cancellation);
        return Math.Max(options.VerifyBytesMin, (newest?.Streams.Sum(s => s.Bytes) ?? 0) / (long)options.VerifyAllWithin.TotalDays);
    }

    private bool IsDrillDue(Source source) => source.LastSnapshotSeq is not null && !(source.LastDrillAt > runs.Now - options.DrillEvery);

    private async Task LetGoAsync(BackupVault vault, Source source, CancellationToken cancellation)
    {
        if (source.Retention is not null)
        {
            await vault.ApplyRetentionAsync(source.Id.ToString(), cancellation);
            await ForgetExpiredAsync(vault, source.Id, cancellation);
        }
        var until = source.LastSnapshotSeq is { } newest ? (await vault.OpenSnapshotAsync(source.Id.ToString(), newest, cancellation)).Snapshot.GuaranteedUntil : null;
        await runs.UpdateSourceAsync(source.AccountId, source.Id, s => s with { RetentionApplied = source.Retention, GuaranteedUntil = until }, cancellation);
    }

    /// <summary>The vault has decided; the calendar follows, whatever a crash left between the two.</summary>
    private async Task ForgetExpiredAsync(BackupVault vault, SourceId source, CancellationToken cancellation)
    {
        var kept = new HashSet<long>();
        await foreach (var snapshot in vault.ListSnapshotsAsync(source.ToString(), cancellation)) kept.Add(snapshot.Seq);
        if (kept.Count == 0) return;
        var newest = kept.Max();
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(source), SortPrefix = "SNAP#", Limit = ItemQuery.LimitMax };
        await foreach (var item in runs.Items.AllAsync(query, cancellation))
        {
            var seq = ItemJson.Read(item, SourceItemsJson.Default.SourceSnapshot).Value.Seq;
            // One that is newer than the list was made since.
            if (seq < newest && !kept.Contains(seq)) await runs.Items.DeleteAsync(item.Key, Condition.None, cancellation);
        }
    }
}
