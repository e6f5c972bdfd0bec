using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>The objects that a manifest's streams are read from, and the promise that none of them is one that a garbage plan has given up.</summary>
internal static class ReferencedObjects
{
    public static HashSet<string> Of(Manifest manifest)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in manifest.Streams.Values)
        {
            foreach (var section in state.Sections) names.Add(section.Object);
            foreach (var dictionary in state.Dictionaries ?? []) names.Add(dictionary.Object);
        }

        return names;
    }

    /// <summary>
    /// Refuses a commit that refers to what a plan named since its objects were written. Every commit that brings objects of its own asks this
    /// of the parent that it is put behind; so whatever a plan names, nothing behind it refers to.
    /// </summary>
    /// <param name="core">The vault.</param>
    /// <param name="parent">The manifest before.</param>
    /// <param name="since">The newest manifest when the first of the commit's objects was written: plans up to it cannot name them.</param>
    /// <param name="next">What is to be committed.</param>
    /// <param name="freshAttempt">Objects with this attempt in their name were written for this very parent; null: none were.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ObjectsCollectedException">It does.</exception>
    public static async Task ThrowIfCollectedAsync(VaultCore core, CheckedManifest parent, long since, Manifest next, string? freshAttempt, CancellationToken cancellation)
    {
        var brought = Of(next);
        brought.ExceptWith(Of(parent.Manifest));
        if (freshAttempt is not null) brought.RemoveWhere(name => name.Contains($"-{freshAttempt}-", StringComparison.Ordinal));
        if (brought.Count == 0) return;
        var view = new SourceView(parent);
        for (var seq = parent.Manifest.Seq; seq > since; seq--)
        {
            if (view.IsExpired(seq)) throw new ObjectsCollectedException(next.Source, $"it began at snapshot {since}, and snapshot {seq} has expired since");
            var maintenance = (await view.GetManifestAsync(core, seq, cancellation)).Manifest.Maintenance;
            if (maintenance is { Kind: MaintenanceKind.GcPlan, Objects: { } planned } && planned.Any(brought.Contains))
                throw new ObjectsCollectedException(next.Source, $"snapshot {seq} has given up objects that it wrote, as no draft named them");
        }
    }
}
