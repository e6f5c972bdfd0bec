using ListBackup.Vault.Format;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Erasing;

/// <summary>Takes erased keys out of what lies under x/: indexes are deleted, the drafts of running backups lose the keys' texts and go on.</summary>
internal sealed class ErasedCaches(VaultCore core, LedgerRecords records)
{
    public async Task ClearAsync(CancellationToken cancellation)
    {
        var newest = await core.Manifests.FindNewestAsync(records.Source, cancellation);
        // The index of the state behind the erasure knows nobody who was erased.
        var current = newest?.Manifest.Streams.GetValueOrDefault(records.Stream)?.Root;
        await core.Indexes.DeleteUnlessAsync(records.Source, records.Stream, current, cancellation);
        await DeleteAllAsync(ObjectNames.SearchIndexesOf(records.Source, records.Stream), cancellation);
        await ClearDraftsAsync(cancellation);
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var head in core.Objects.ListAsync(prefix, after: null, cancellation)) names.Add(head.Name);
        foreach (var name in names) await core.Objects.DeleteAsync(name, cancellation);
    }

    private async Task ClearDraftsAsync(CancellationToken cancellation)
    {
        var drafts = new DraftStore(core);
        var erased = records.Keys.Select(Hash128.Parse).ToHashSet();
        foreach (var name in await drafts.ListAsync(ObjectNames.DraftsOf(records.Source), cancellation))
        {
            if (await drafts.TryReadAsync(name, cancellation) is { } part) await drafts.ReplaceAsync(name, part, erased, core.Secrets.Stream(records.Source, records.Stream), cancellation);
        }
    }
}
