using ListBackup.Vault.Format;

namespace ListBackup.Vault.Log;

/// <summary>
/// Writes the tiles and bundles of the log up to a size. They follow from the batches, byte for byte, so whoever repeats it, races or was
/// cut off writes the same; it goes on from the checkpoint's tiles where those are whole, from the first batch otherwise.
/// </summary>
internal sealed class TilePublisher(VaultCore core)
{
    /// <param name="published">The checkpoint up to which there are tiles; null: there are none to go on from.</param>
    /// <param name="expected">The log up to which tiles are wanted.</param>
    /// <param name="cancellation">Cancels; what is written stands.</param>
    /// <exception cref="VaultDamagedException">The batches do not lead from the one to the other.</exception>
    public async Task PublishAsync(Checkpoint? published, Frontier expected, CancellationToken cancellation)
    {
        var edge = await TryReadEdgeAsync(published, cancellation) ?? new TileEdge();
        await foreach (var entry in ReadEntriesAsync(edge.Size, expected.Size, cancellation))
        {
            foreach (var full in edge.Add(entry)) await PutFullAsync(full, cancellation);
            if (edge.Size == published?.Size && !edge.Frontier().Root().AsSpan().SequenceEqual(published.Root)) throw NotItsCheckpoint();
        }

        if (!edge.Frontier().IsSameAs(expected)) throw new VaultDamagedException(LogNames.Batches, 0, "The log's batches do not lead to its end.");
        foreach (var partial in edge.Partials()) await core.Objects.PutAsync(partial.Name, partial.Write(), PutCondition.Replace, cancellation);
    }

    public static VaultDamagedException NotItsCheckpoint() => new(LogNames.Checkpoint, 0, "The log does not lead to its checkpoint: its beginning was rewritten.");

    private async Task<TileEdge?> TryReadEdgeAsync(Checkpoint? published, CancellationToken cancellation)
    {
        if (published is null) return null;
        try
        {
            var edge = await new LogTiles(core.Objects, published.Size).ReadEdgeAsync(cancellation);
            return edge.Frontier().Root().AsSpan().SequenceEqual(published.Root) ? edge : null;
        }
        catch (VaultDamagedException)
        {
            // Lost, damaged, or a checkpoint from before there were tiles: the batches have it all.
            return null;
        }
    }

    private async IAsyncEnumerable<byte[]> ReadEntriesAsync(long from, long to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var next = from;
        // The batch with this entry begins at most a batch's length before it.
        var after = from >= LogBatch.EntriesMax ? LogNames.Batch(from - LogBatch.EntriesMax) : null;
        await foreach (var head in core.Objects.ListAsync(LogNames.Batches, after, cancellation))
        {
            if (next >= to) yield break;
            var (batch, _) = await core.Log.ReadBatchAsync(head.Name, cancellation);
            if (batch.First > next) throw new VaultDamagedException(head.Name, 0, $"Entry {next} of the log is missing before it.");
            for (; next < Math.Min(to, batch.First + batch.Entries.Count); next++) yield return batch.Entries[(int)(next - batch.First)].Write();
        }
    }

    private async Task PutFullAsync(TileObject full, CancellationToken cancellation)
    {
        await core.Objects.PutAsync(full.Name, full.Write(), PutCondition.Replace, cancellation);
        // Only behind the full one: a reader that misses its partial form asks for that.
        var partials = new List<string>();
        await foreach (var head in core.Objects.ListAsync(LogNames.PartialsOf(full.FullName), after: null, cancellation)) partials.Add(head.Name);
        foreach (var name in partials) await core.Objects.DeleteAsync(name, cancellation);
    }
}
