using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>All versions of one record: one range read per section.</summary>
internal static class History
{
    public static async Task<IReadOnlyList<RecordVersion>> ReadAsync(VaultCore core, string source, string stream, string key, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var group = await SnapshotReader.ReadGroupOfAsync(core, source, stream, view.Get(view.Newest.Manifest, stream), key, cancellation);

        var bySeq = new SortedDictionary<long, RecordLine>();
        var keyHash = core.Secrets.Stream(source, stream).HashKey(key);
        foreach (var version in group.Versions.Where(version => version.Line.IsOf(key, keyHash))) bySeq[version.Seq] = version.Line;
        var history = new List<RecordVersion>();
        foreach (var (seq, line) in bySeq)
        {
            var time = view.IsExpired(seq) ? (DateTimeOffset?)null : (await view.GetManifestAsync(core, seq, cancellation)).Manifest.Time;
            history.Add(new RecordVersion(key, seq, line.Operation, time, line.Json));
        }

        return history;
    }
}
