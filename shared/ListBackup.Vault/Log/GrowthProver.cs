using System.Globalization;
using System.Text;

namespace ListBackup.Vault.Log;

/// <summary>Proves that the log of a checkpoint is the beginning of the newest, in the words of c2sp.org/tlog-witness.</summary>
internal static class GrowthProver
{
    private const string Given = "the older checkpoint";

    public static async Task<byte[]> ProveAsync(VaultCore core, byte[]? older, CancellationToken cancellation)
    {
        var known = older is null
            ? new Checkpoint(Checkpoint.OriginOf(core.Secrets.Vault), 0, LogTree.EmptyRoot)
            : Checkpoint.Read(older, core.Secrets.Vault, core.Secrets.SigningKey, Given);
        var newest = await LogPublisher.PublishAsync(core, cancellation);
        if (known.Size > newest.Size)
            throw new VaultDamagedException(Given, 0, $"It has {known.Size} entries, the log {newest.Size}: the store may have been rolled back.");
        if (await TryProveAsync(core, known, newest, cancellation) is not { } path)
        {
            newest = await LogPublisher.RepublishAsync(core, cancellation);
            path = await TryProveAsync(core, known, newest, cancellation)
                ?? throw new VaultDamagedException(Given, 0, "The log is another than it was then: its beginning was rewritten.");
        }

        var lines = path.Select(hash => Convert.ToBase64String(hash) + "\n");
        return [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"old {known.Size}\n{string.Concat(lines)}\n")), .. newest.Note];
    }

    private static async Task<IReadOnlyList<byte[]>?> TryProveAsync(VaultCore core, Checkpoint older, LogCheckpoint newer, CancellationToken cancellation)
    {
        try
        {
            var path = await LogTree.ConsistencyAsync(new LogTiles(core.Objects, newer.Size), older.Size, newer.Size, cancellation);
            return LogTree.IsConsistent(older.Size, older.Root, newer.Size, Convert.FromHexString(newer.Root), path) ? path : null;
        }
        catch (VaultDamagedException)
        {
            // A tile is lost or damaged: the caller makes them anew.
            return null;
        }
    }
}
