namespace ListBackup.Vault.Log;

/// <summary>Signs the log's newest state. Several may do so at once: each checkpoint is right, and readers hold an older one against the batches behind it.</summary>
internal static class LogPublisher
{
    public static async Task<LogCheckpoint> PublishAsync(VaultCore core, CancellationToken cancellation)
    {
        var head = await core.Log.CatchUpAsync(cancellation);
        var root = Frontier.TryRead(head.Size, head.Tree)!.Root();
        var note = new Checkpoint(Checkpoint.OriginOf(core.Secrets.Vault), head.Size, root).Write(core.Secrets.SigningKey);
        await core.Objects.PutAsync(LogNames.Checkpoint, note, PutCondition.Replace, cancellation);
        return new LogCheckpoint(head.Size, Convert.ToHexStringLower(root), note);
    }
}
