using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>Merges the sections of a source's streams where that pays, and commits the result (vault-format.md, "Maintenance").</summary>
internal sealed class Compactor(VaultCore core, string source, bool isFull)
{
    public async Task<CompactionReport> CompactAsync(CancellationToken cancellation)
    {
        var newest = (await SourceView.OpenAsync(core, source, cancellation)).Newest;
        var merges = ChooseMerges(newest.Manifest);
        if (merges.Count == 0) return new CompactionReport(null, []);

        var attempt = MaintenanceCommitter.NewId();
        long bytesPut;
        using (var packer = new SectionPacker(core, source, newest.Manifest.Seq + 1, attempt))
        {
            foreach (var merge in merges) await merge.WriteAsync(packer, cancellation);
            await packer.PutAsync(cancellation);
            bytesPut = packer.BytesPut;
        }

        var done = new List<StreamMerge>();
        try
        {
            foreach (var merge in merges) await merge.VerifyAsync(cancellation);
        }
        catch (VaultDamagedException)
        {
            // Somebody may have taken it for garbage; that is no damage, and the commit's own question tells.
            await CommitAsync((await SourceView.OpenAsync(core, source, cancellation)).Newest, newest.Manifest.Seq, merges, done, attempt, bytesPut, cancellation);
            throw;
        }

        var committed = await MaintenanceCommitter.CommitAsync(core, source, parent => CommitAsync(parent, newest.Manifest.Seq, merges, done, attempt, bytesPut, cancellation), cancellation);
        return new CompactionReport(committed is null ? null : Snapshots.Of(committed), [.. done.Select(ReportOf)]);
    }

    private List<StreamMerge> ChooseMerges(Manifest manifest)
    {
        var (kept, merges) = (KeptSnapshots.Of(manifest), new List<StreamMerge>());
        foreach (var (stream, state) in manifest.Streams)
        {
            var layers = CompactionChoice.LayersOf(state.Sections);
            if (CompactionChoice.Choose(layers, state.Live, manifest.Seq, kept, isFull) is not { } range) continue;
            var chosen = layers.ToArray()[range];
            var sections = state.Sections.Skip(chosen[0].First).Take(chosen.Sum(layer => layer.Count)).ToList();
            merges.Add(new StreamMerge(core, source, stream, state, sections, kept));
        }

        return merges;
    }

    /// <summary>
    /// The manifest with every merge that still fits: the sections that it replaces stand as they stood, under keys that still count. Somebody
    /// else may have compacted or erased meanwhile; what does not fit is garbage then.
    /// </summary>
    private async Task<Manifest?> CommitAsync(
        CheckedManifest parent, long since, List<StreamMerge> merges, List<StreamMerge> done, string attempt, long bytesPut, CancellationToken cancellation)
    {
        var streams = new SortedDictionary<string, StreamState>(parent.Manifest.Streams, StringComparer.Ordinal);
        done.Clear();
        foreach (var merge in merges)
        {
            var state = streams[merge.Stream];
            if (FindReplaced(state, merge) is not { } first) continue;
            streams[merge.Stream] = state with
            {
                KeyEpoch = merge.KeyEpoch,
                Sections = [.. state.Sections.Take(first), .. merge.Written, .. state.Sections.Skip(first + merge.Replaced.Count)],
            };
            done.Add(merge);
        }

        if (done.Count == 0) return null;
        var next = MaintenanceCommitter.After(core, parent, new Maintenance { Kind = MaintenanceKind.Compaction }, attempt) with { Streams = streams, SegmentBytes = bytesPut };
        await ReferencedObjects.ThrowIfCollectedAsync(core, parent, since, next, freshAttempt: null, cancellation);
        return next;
    }

    private static int? FindReplaced(StreamState state, StreamMerge merge)
    {
        if (state.KeyEpoch > merge.KeyEpoch) return null;
        for (var first = 0; first + merge.Replaced.Count <= state.Sections.Count; first++)
        {
            if (merge.Replaced.Select((section, i) => IsSame(section, state.Sections[first + i])).All(isSame => isSame)) return first;
        }

        return null;
    }

    private static bool IsSame(SectionReference one, SectionReference other) =>
        one.Object == other.Object && one.Section == other.Section && (one.Without ?? []).SequenceEqual(other.Without ?? []);

    private static StreamCompaction ReportOf(StreamMerge merge) => new(
        merge.Stream,
        merge.Replaced.Count,
        merge.Written.Count,
        merge.Replaced.Sum(section => section.Bytes),
        merge.Written.Sum(section => section.Bytes),
        merge.RowsRead - merge.RowsWritten);
}
