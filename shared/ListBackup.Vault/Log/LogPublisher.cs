namespace ListBackup.Vault.Log;

/// <summary>
/// Publishes the log's newest state: first the tiles of that size, then the checkpoint that names it. Several may do so at once: each checkpoint is right, and
/// readers hold an older one against the batches behind it.
/// </summary>
internal static class LogPublisher
{
    public static async Task<LogCheckpoint> PublishAsync(VaultCore core, CancellationToken cancellation)
    {
        var published = await TryReadPublishedAsync(core, cancellation);
        return await PublishAsync(core, published, cancellation);
    }

    /// <summary>Writes all tiles anew, whatever there is.</summary>
    public static Task<LogCheckpoint> RepublishAsync(VaultCore core, CancellationToken cancellation) => PublishAsync(core, published: null, cancellation);

    private static async Task<LogCheckpoint> PublishAsync(VaultCore core, Checkpoint? published, CancellationToken cancellation)
    {
        var head = await core.Log.CatchUpAsync(cancellation);
        // It was read before the log, so it cannot be ahead of it.
        if (published?.Size > head.Size)
            throw new VaultDamagedException(LogNames.Checkpoint, 0, $"The checkpoint has {published.Size} entries, the log {head.Size}: the store may have been rolled back.");
        var tree = Frontier.TryRead(head.Size, head.Tree)!;
        var root = tree.Root();
        if (published?.Size == head.Size && !published.Root.AsSpan().SequenceEqual(root)) throw TilePublisher.NotItsCheckpoint();
        await new TilePublisher(core).PublishAsync(published, tree, cancellation);
        var note = new Checkpoint(Checkpoint.OriginOf(core.Secrets.Vault), head.Size, root).Write(core.Secrets.SigningKey);
        await core.Objects.PutAsync(LogNames.Checkpoint, note, PutCondition.Replace, cancellation);
        return new LogCheckpoint(head.Size, Convert.ToHexStringLower(root), note);
    }

    private static async Task<Checkpoint?> TryReadPublishedAsync(VaultCore core, CancellationToken cancellation)
    {
        try
        {
            return Checkpoint.Read(await core.Objects.ReadAsync(LogNames.Checkpoint, cancellation), core.Secrets.Vault, core.Secrets.SigningKey, LogNames.Checkpoint);
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or VaultDamagedException)
        {
            // Verification reports a damaged one; a new one takes its place.
            return null;
        }
    }
}
