using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Erasing;

/// <summary>
/// A long ledger in one sealed object under x/: the bodies of its entries, one on a line. It counts only if its hashes lead to the entry in the store
/// that it ends with, so a damaged or stale one costs time and never truth.
/// </summary>
internal sealed class LedgerCache(VaultCore core)
{
    private const string Purpose = "ledger";

    /// <summary>The first entries of the ledger; empty when the cache is absent or of no use.</summary>
    public async Task<IReadOnlyList<CheckedLedgerEntry>> ReadAsync(ErasureLedger ledger, CancellationToken cancellation)
    {
        try
        {
            var box = await core.Objects.ReadAsync(ObjectNames.LedgerCache, cancellation);
            var entries = Parse(Sealed.Read(core.Secrets.Cache, Purpose, box));
            // Its signature is checked, and each hash before it stands in the entry behind it.
            return entries.Count > 0 && (await ledger.ReadAsync(entries[^1].Name, cancellation)).Sha256 == entries[^1].Sha256 ? entries : [];
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or CryptographicException or JsonException or VaultDamagedException)
        {
            return [];
        }
    }

    /// <summary>Keeps the entries for the next process. Failing to is no harm.</summary>
    public async Task PutAsync(IReadOnlyList<CheckedLedgerEntry> entries, CancellationToken cancellation)
    {
        var lines = new BlockBuffer();
        foreach (var entry in entries)
        {
            lines.Append(CanonicalJson.Write(entry.Entry, FormatJson.Default.LedgerEntry));
            lines.Append("\n"u8);
        }

        try
        {
            await core.Objects.PutAsync(ObjectNames.LedgerCache, Sealed.Write(core.Secrets.Cache, Purpose, lines.Written), PutCondition.Replace, cancellation);
        }
        catch (ObjectStoreException)
        {
            // The next process reads the entries.
        }
    }

    private static List<CheckedLedgerEntry> Parse(byte[] lines)
    {
        var entries = new List<CheckedLedgerEntry>();
        for (var start = 0; start < lines.Length;)
        {
            var line = lines.AsSpan(start, lines.AsSpan(start).IndexOf((byte)'\n'));
            var entry = new CheckedLedgerEntry(
                CanonicalJson.Read(line, FormatJson.Default.LedgerEntry, ObjectNames.LedgerCache), Convert.ToHexStringLower(SHA256.HashData(line)));
            if (!entry.IsBehind(entries.LastOrDefault())) return [];
            entries.Add(entry);
            start += line.Length + 1;
        }

        return entries;
    }
}
