namespace ListBackup.Vault.Writing;

/// <summary>
/// The newest key index of each stream that this process has met. Large ones are held weakly: whoever works with one holds it, and nobody else keeps 50 MB alive. Small ones
/// are held, up to <see cref="HeldBytesMax"/>, so that a commit does not read again what its run has just read because memory was collected in between.
/// </summary>
internal sealed class RecentIndexes
{
    /// <summary>About 20,000 records, in one or many streams.</summary>
    private const long HeldBytesMax = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Source, string Stream), WeakReference<KeyIndex>> _newest = [];
    private readonly Queue<KeyIndex> _held = new();
    private long _heldBytes;

    /// <summary>The stream's index if it is the one of that root.</summary>
    public KeyIndex? Find(string source, string stream, string root)
    {
        lock (_lock) return _newest.TryGetValue((source, stream), out var weak) && weak.TryGetTarget(out var index) && index.Root == root ? index : null;
    }

    /// <summary>Remembers it in place of the stream's earlier one.</summary>
    public void Add(string source, string stream, KeyIndex index)
    {
        lock (_lock)
        {
            _newest[(source, stream)] = new WeakReference<KeyIndex>(index);
            if (index.ByteCount > HeldBytesMax) return;
            _held.Enqueue(index);
            for (_heldBytes += index.ByteCount; _heldBytes > HeldBytesMax;) _heldBytes -= _held.Dequeue().ByteCount;
        }
    }
}
