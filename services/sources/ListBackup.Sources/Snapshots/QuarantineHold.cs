using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>The vault's hold on every snapshot of a source while one of them is in quarantine: so that no maintenance, here or by the command line, lets any go.</summary>
public sealed class QuarantineHold(RunStore runs, AccountVaults vaults)
{
    public const string Name = "quarantine";

    /// <summary>Puts the hold unless it is there.</summary>
    /// <param name="account">The account.</param>
    /// <param name="source">Its source, which has a snapshot.</param>
    /// <param name="since">When the snapshot was committed that is in quarantine.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task PutAsync(AccountId account, SourceId source, DateTimeOffset since, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(account, cancellation);
        if ((await vault.ListHoldsAsync(source.ToString(), cancellation)).Any(h => h.Name == Name)) return;
        await vault.PutHoldAsync(source.ToString(), new SnapshotHold(Name, null, since), cancellation);
    }

    /// <summary>Makes the vault agree with the source's item, whoever died between the two.</summary>
    public async Task ReconcileAsync(AccountId account, SourceId source, CancellationToken cancellation)
    {
        if (await runs.FindSourceAsync(account, source, cancellation) is not { } stored) return;
        if (stored.Value.Quarantine is { } open) await PutAsync(account, source, open.Since, cancellation);
        else await (await vaults.OpenAsync(account, cancellation)).LiftHoldAsync(source.ToString(), Name, cancellation);
        // A run may have ended in between, with another snapshot to look at.
        if (stored.Value.Quarantine is null && await runs.FindSourceAsync(account, source, cancellation) is { Value.Quarantine: { } late }) await PutAsync(account, source, late.Since, cancellation);
    }
}
