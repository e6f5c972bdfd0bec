using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Log;

namespace ListBackup.Vault.Verifying;

/// <summary>Holds the account's log against itself: numbers without gaps, each batch's tree the one before it. Remembers 32 bytes of each level of the tree.</summary>
internal sealed class LogCheck(VaultCore core, Action<string, long, string> report)
{
    /// <summary>Bytes read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Batches read.</summary>
    public long Batches { get; private set; }

    /// <param name="known">A checkpoint that the caller remembers; null: none.</param>
    /// <param name="onEntry">What to do with each entry, in order, and the object it is in.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task CheckAsync(byte[]? known, Action<LogEntry, string> onEntry, CancellationToken cancellation)
    {
        var remembered = known is null ? null : TryRead(known, "the known checkpoint");
        var published = await ReadPublishedAsync(cancellation);
        var tree = Frontier.Empty;
        await foreach (var head in core.Objects.ListAsync(LogNames.Batches, after: null, cancellation))
        {
            (Batches, BytesRead) = (Batches + 1, BytesRead + head.Size);
            try
            {
                var (batch, before) = await core.Log.ReadBatchAsync(head.Name, cancellation);
                if (!before.IsSameAs(tree)) report(head.Name, 0, $"It does not follow from the {tree.Size} entries before it.");
                tree = before;
                foreach (var entry in batch.Entries)
                {
                    tree = tree.With(LogTree.Leaf(entry.Write()));
                    onEntry(entry, head.Name);
                    Compare(published, tree, LogNames.Checkpoint, "The log does not lead to its checkpoint.");
                    Compare(remembered, tree, LogNames.Checkpoint, "The log is not the one that is known from elsewhere: its beginning was rewritten.");
                }
            }
            catch (VaultDamagedException exception)
            {
                report(exception.ObjectName, exception.Offset, exception.Message);
            }
            catch (ObjectNotFoundException exception)
            {
                report(exception.Name, 0, "It is gone.");
            }
        }

        if (published?.Size > tree.Size) report(LogNames.Checkpoint, 0, $"The checkpoint has {published.Size} entries, the log {tree.Size}: the store may have been rolled back.");
        if (remembered?.Size > tree.Size) report(LogNames.Checkpoint, 0, $"A checkpoint of {remembered.Size} entries is known from elsewhere, the log has {tree.Size}: the store may have been rolled back.");
    }

    private void Compare(Checkpoint? checkpoint, Frontier tree, string name, string message)
    {
        if (checkpoint?.Size == tree.Size && !CryptographicOperations.FixedTimeEquals(tree.Root(), checkpoint.Root)) report(name, 0, message);
    }

    private async Task<Checkpoint?> ReadPublishedAsync(CancellationToken cancellation)
    {
        try
        {
            return TryRead(await core.Objects.ReadAsync(LogNames.Checkpoint, cancellation), LogNames.Checkpoint);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    private Checkpoint? TryRead(byte[] note, string name)
    {
        try
        {
            return Checkpoint.Read(note, core.Secrets.Vault, core.Secrets.SigningKey, name);
        }
        catch (VaultDamagedException exception)
        {
            report(exception.ObjectName, 0, exception.Message);
            return null;
        }
    }
}
