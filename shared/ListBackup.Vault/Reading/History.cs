using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>All versions of one record: one range read per section.</summary>
internal static class History
{
    public static async Task<IReadOnlyList<RecordVersion>> ReadAsync(VaultCore core, string source, string stream, string key, CancellationToken cancellation)
    {
        if (await core.Manifests.FindNewestAsync(source, cancellation) is not { } newest)
            throw new VaultNotFoundException($"There is no snapshot of source {source}.");
        if (newest.Manifest.Streams.GetValueOrDefault(stream) is not { } state)
            throw new VaultNotFoundException($"Source {source} has no stream {stream}.");
        var group = await SnapshotReader.ReadGroupOfAsync(core, source, stream, state.Sections, key, cancellation);

        var bySeq = new SortedDictionary<long, RecordLine>();
        foreach (var version in group.Versions.Where(version => version.Line.Key == key)) bySeq[version.Seq] = version.Line;
        var history = new List<RecordVersion>();
        foreach (var (seq, line) in bySeq)
        {
            var manifest = await core.Manifests.GetAsync(source, seq, cancellation);
            history.Add(new RecordVersion(key, seq, line.Operation, manifest.Manifest.Time, line.Json));
        }

        return history;
    }
}
