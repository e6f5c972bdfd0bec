using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>
/// Refuses a run that refers to an attachment which a plan has given up since the run named its files. Every commit of a run asks this of its parent; so nothing
/// behind a manifest that names a plan refers to what that plan gives up, and it may be deleted without a look at any clock.
/// </summary>
internal sealed class AttachmentFence(VaultCore core, Manifest parent)
{
    private readonly NewSectionLines _lines = new(core);

    /// <exception cref="ObjectsCollectedException">It does.</exception>
    public async Task ThrowIfGivenUpAsync(IReadOnlyDictionary<string, FoldedStream> run, CancellationToken cancellation)
    {
        var fence = parent.AttachmentPlan ?? 0;
        // Nearly always the run is younger than the plan.
        var older = run.Where(stream => stream.Value.AttachmentPlan < fence).ToList();
        if (older.Count == 0) return;
        var plans = await core.AttachmentPlans.ReadAsync(cancellation);
        if (plans.Seq < fence) throw new VaultDamagedException(ObjectNames.AttachmentPlan(fence), 0, $"Snapshot {parent.Seq} of source {parent.Source} names this plan, and it is gone.");
        foreach (var (stream, folded) in older)
        {
            var keys = await core.StreamKeys.FindNewestAsync(parent.Source, stream, cancellation)
                ?? throw new VaultDamagedException(ObjectNames.StreamKeysOf(parent.Source, stream), 0, "The keys of the stream are gone.");
            foreach (var placed in folded.NewSections)
            {
                var section = await _lines.CompleteAsync(placed, cancellation);
                for (var block = 0; block < section.Table.Blocks.Count; block++)
                {
                    if (section.Reference?.Without?.Contains(section.Table.Blocks[block].Group) == true) continue;
                    foreach (var attachment in (await _lines.ReadAsync(section, block, keys, cancellation)).SelectMany(line => line.Attachments))
                    {
                        // What a later plan gives up the chain does not know of yet: then this commit comes first, and the collector sees it.
                        if (plans.Names.TryGetValue(attachment.Name, out var plan) && plan <= fence)
                            throw new ObjectsCollectedException(parent.Source, $"it named its files before plan {plan} of attachments gave one of them up");
                    }
                }
            }
        }
    }
}
