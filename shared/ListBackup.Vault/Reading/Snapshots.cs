using System.Runtime.CompilerServices;
using ListBackup.Vault.Format;
using ListBackup.Vault.Maintaining;

namespace ListBackup.Vault.Reading;

/// <summary>Manifests as the snapshots that callers see.</summary>
internal static class Snapshots
{
    public static async IAsyncEnumerable<Snapshot> ListAsync(VaultCore core, string source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var newest = await core.Manifests.FindNewestAsync(source, cancellation);
        if (newest is null) yield break;
        var view = new SourceView(newest);
        for (var seq = newest.Manifest.Seq; seq > 0; seq--)
        {
            if (view.IsExpired(seq)) continue;
            var manifest = await view.GetManifestAsync(core, seq, cancellation);
            if (manifest.Manifest.Maintenance is null) yield return Of(manifest, view);
        }
    }

    /// <summary>The newest manifest as a snapshot.</summary>
    public static Snapshot Of(CheckedManifest newest) => Of(newest, new SourceView(newest));

    public static Snapshot Of(CheckedManifest manifest, SourceView view) => new()
    {
        Source = manifest.Manifest.Source,
        Seq = manifest.Manifest.Seq,
        Time = manifest.Manifest.Time,
        Run = manifest.Manifest.Run,
        Trigger = manifest.Manifest.Trigger,
        Maintenance = manifest.Manifest.Maintenance?.Kind,
        GuaranteedUntil = RetentionRules.GuaranteedUntil(manifest.Manifest.Seq, Earlier(manifest.Manifest.Time, view.Newest.Manifest.Time), view.Newest.Manifest.Retention, view.Newest.Manifest.Holds ?? []),
        Connector = manifest.Manifest.Connector,
        Streams = [.. manifest.Manifest.Streams.Select(stream => Of(stream.Key, stream.Value))],
        ManifestSha256 = manifest.Sha256,
        BytesAdded = manifest.Manifest.SegmentBytes + manifest.Size,
    };

    // Of a clock that was ahead no promise is made.
    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static StreamSnapshot Of(string stream, StreamState state) => new()
    {
        Stream = stream,
        ReadSeq = state.ReadSeq,
        Live = state.Live,
        Added = state.Added,
        Changed = state.Changed,
        Deleted = state.Deleted,
        Coverage = state.Coverage,
        StateRoot = state.Root,
        Cursors = state.Cursors,
        PrimaryKey = state.PrimaryKey,
        Bytes = state.Sections.Sum(section => section.Bytes),
    };
}
