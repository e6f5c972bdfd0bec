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

    /// <summary>The draft of that name, once: its changes are the taker's now. Null when it is not here.</summary>
    public (DraftPart Part, ChangeTable Changes)? Take(string name) =>
        _byName.TryRemove(name, out var weak) && weak.TryGetTarget(out var draft) && draft.TakeChanges() is { } changes ? (draft.Part, changes) : null;

    public void Forget(string name) => _byName.TryRemove(name, out _);
}

/// <summary>A draft in memory.</summary>
internal sealed class FinishedDraft(DraftPart part, ChangeTable changes)
{
    private ChangeTable? _changes = changes;

    public DraftPart Part { get; } = part;

    public ChangeTable? TakeChanges() => Interlocked.Exchange(ref _changes, null);
}
