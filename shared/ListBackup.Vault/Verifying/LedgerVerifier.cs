using System.Text.Json;
using ListBackup.Vault.Erasing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Verifying;

/// <summary>Checks the erasure ledger: each entry's signature, the chain, and that entries and erasing snapshots name each other.</summary>
internal sealed class LedgerVerifier(VaultCore core, IReadOnlyList<CheckedManifest> manifests, Action<string, long, string> report)
{
    // Longer than any erasure takes; one that was interrupted must be completed.
    private static readonly TimeSpan s_unfinishedMax = TimeSpan.FromDays(1);

    public async Task VerifyAsync(CancellationToken cancellation)
    {
        var (expected, parent, state) = (1L, (CheckedLedgerEntry?)null, LedgerState.Empty);
        await foreach (var head in core.Objects.ListAsync(ObjectNames.Ledger, after: null, cancellation))
        {
            var seq = ObjectNames.ParseLedgerEntry(head.Name);
            if (seq == 0)
            {
                report(head.Name, 0, "It is no entry of the erasure ledger by its name.");
                continue;
            }

            if (seq != expected) report(head.Name, 0, $"Entry {expected} of the erasure ledger is missing.");
            var entry = await ReadAsync(head.Name, cancellation);
            if (entry is not null)
            {
                // Behind a damaged or missing one the link cannot be checked; that one is reported already.
                if (seq == expected && (parent is not null || seq == 1) && entry.Entry.Parent != parent?.Sha256) report(head.Name, 0, "It does not follow from the entry before it.");
                state = state.With(entry);
            }

            (expected, parent) = (seq + 1, entry);
        }

        CheckAgainstManifests(state);
        foreach (var begun in state.Unfinished.Where(begun => core.Options.Clock.GetUtcNow() - begun.Entry.Time > s_unfinishedMax))
            report(begun.Name, 0, "This erasure was begun and never completed. Ask for it again under the same id.");
    }

    private void CheckAgainstManifests(LedgerState state)
    {
        foreach (var manifest in manifests)
        {
            if (manifest.Manifest.Maintenance is { Kind: MaintenanceKind.Erasure } erasure && state.FindBegin(erasure.Request!) is null)
                report(ObjectNames.Manifest(manifest.Manifest.Source, manifest.Manifest.Seq), 0, "It erases for a request that the erasure ledger does not know.");
        }

        var bySeq = manifests.ToDictionary(manifest => (manifest.Manifest.Source, manifest.Manifest.Seq), manifest => manifest.Sha256);
        foreach (var receipt in state.Receipts)
        {
            foreach (var commit in receipt.Entry.Commits ?? [])
            {
                if (bySeq.TryGetValue((commit.Source, commit.Seq), out var sha256) && sha256 != commit.ManifestSha256)
                    report(receipt.Name, 0, $"Snapshot {commit.Seq} of source {commit.Source} is another than the one that the receipt names.");
            }
        }
    }

    private async Task<CheckedLedgerEntry?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await core.Ledger.ReadAsync(name, cancellation);
        }
        catch (VaultDamagedException exception)
        {
            report(exception.ObjectName, exception.Offset, exception.Message);
        }
        catch (ObjectNotFoundException exception)
        {
            report(exception.Name, 0, "It is gone.");
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            report(name, 0, "It does not open.");
        }

        return null;
    }
}
