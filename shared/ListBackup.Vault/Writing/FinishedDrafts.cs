using System.Collections.Concurrent;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// What a finished stream backup stored as its only draft, as it still lies in memory: a commit in the same process need not read a million changes back. Held
/// weakly; the stream backup keeps it alive until it is disposed, and nobody else does.
/// </summary>
internal sealed class FinishedDrafts
{
    private readonly ConcurrentDictionary<string, WeakReference<FinishedDraft>> _byName = new(StringComparer.Ordinal);

    public void Offer(string name, FinishedDraft draft) => _byName[name] = new WeakReference<FinishedDraft>(draft);

    /// <summary>The draft of that name; its changes are the taker's now. Null when it is not here, or stored and taken before: then it is to be read.</summary>
    public (DraftPart Part, ChangeTable Changes)? Take(string name) =>
        _byName.TryGetValue(name, out var weak) && weak.TryGetTarget(out var draft) && draft.TakeChanges() is { } changes ? (draft.Part, changes) : null;

    public void Forget(string name) => _byName.TryRemove(name, out _);
}

/// <summary>A draft in memory.</summary>
/// <param name="part">All of it but its changes.</param>
/// <param name="changes">They.</param>
/// <param name="isStored">Whether the store has it too. Otherwise every attempt of a commit takes it from here.</param>
internal sealed class FinishedDraft(DraftPart part, ChangeTable changes, bool isStored)
{
    private ChangeTable? _changes = changes;

    public DraftPart Part { get; } = part;

    public ChangeTable? TakeChanges() => isStored ? Interlocked.Exchange(ref _changes, null) : CopyOf(_changes!);

    // What takes changes may add to them. Nothing is added to the changes of a first backup, which are the many.
    private ChangeTable CopyOf(ChangeTable changes)
    {
        if (Part.Header.BaseSeq == 0 && Part.Header.Outcome is { PartitionCount: 1 }) return changes;
        var copy = new ChangeTable();
        changes.ReplayInto(copy);
        return copy;
    }
}
