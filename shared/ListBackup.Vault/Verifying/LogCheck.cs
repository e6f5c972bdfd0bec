using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Log;

namespace ListBackup.Vault.Verifying;

/// <summary>
/// Holds the account's log against itself: numbers without gaps, each batch's tree the one before it, tiles that hold what the batches say. Remembers
/// the tiles' names and the tree's right edge. That tiles are missing is no damage: publishing makes them again.
/// </summary>
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
        // In this order: whoever appends or publishes meanwhile writes the batch first, and the note and the checkpoint last.
        var published = await ReadPublishedAsync(cancellation);
        var noted = await core.Log.TryReadRememberedSizeAsync(cancellation);
        var tiles = await ListTilesAsync(cancellation);
        var (tree, edge) = (Frontier.Empty, new TileEdge());
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
                    var bytes = entry.Write();
                    tree = tree.With(LogTree.Leaf(bytes));
                    onEntry(entry, head.Name);
                    if (tiles.Count > 0 && edge.Size == tree.Size - 1) await CompareTilesAsync(tiles, edge.Add(bytes), edge, cancellation);
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

        // Behind a gap the batches do not tell what the tiles must hold; the gap is reported.
        if (edge.Frontier().IsSameAs(tree)) foreach (var name in tiles) report(name, 0, "It is a tile of another log, or of more entries than the log has.");
        if (noted > tree.Size) report(LogNames.Batches, 0, AccountLog.LostMessage(noted.Value, tree.Size));
        if (published?.Size > tree.Size) report(LogNames.Checkpoint, 0, $"The checkpoint has {published.Size} entries, the log {tree.Size}: the store may have been rolled back.");
        if (remembered?.Size > tree.Size) report(LogNames.Checkpoint, 0, $"A checkpoint of {remembered.Size} entries is known from elsewhere, the log has {tree.Size}: the store may have been rolled back.");
    }

    private async Task<HashSet<string>> ListTilesAsync(CancellationToken cancellation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var head in core.Objects.ListAsync(LogNames.Tiles, after: null, cancellation)) names.Add(head.Name);
        return names;
    }

    /// <summary>Compares each stored tile and bundle when the log has come as far as it, and takes it off the list.</summary>
    private async Task CompareTilesAsync(HashSet<string> tiles, IReadOnlyList<TileObject> full, TileEdge edge, CancellationToken cancellation)
    {
        foreach (var tile in full.Concat(edge.Partials()).Where(tile => tiles.Remove(tile.Name)))
        {
            try
            {
                var stored = await core.Objects.ReadAsync(tile.Name, cancellation);
                BytesRead += stored.Length;
                if (!stored.AsSpan().SequenceEqual(tile.Write())) report(tile.Name, 0, "It does not hold what the log's batches say.");
            }
            catch (ObjectNotFoundException)
            {
                // Its full form has taken its place since the list.
            }
        }
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
