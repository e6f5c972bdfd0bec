using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>
/// How the snapshots of a source are read (vault-format.md, "Reading snapshot T"): the facts of each from its own manifest, the record
/// versions from the sections of the newest manifest. So compaction and erasure write a stream's sections once, for all snapshots; the
/// root in manifest T proves what comes out.
/// </summary>
internal sealed class SourceView(CheckedManifest newest)
{
    /// <summary>The manifest whose sections are read.</summary>
    public CheckedManifest Newest { get; } = newest;

    /// <summary>One list; one read, if the newest manifest is not remembered.</summary>
    /// <exception cref="VaultNotFoundException">The source has no snapshot.</exception>
    public static async Task<SourceView> OpenAsync(VaultCore core, string source, CancellationToken cancellation) =>
        new(await core.Manifests.FindNewestAsync(source, cancellation) ?? throw new VaultNotFoundException($"There is no snapshot of source {source}."));

    /// <summary>The manifest of a snapshot that has not expired.</summary>
    /// <exception cref="VaultNotFoundException">There is none of this number.</exception>
    /// <exception cref="SnapshotExpiredException">Retention has let it go.</exception>
    public async Task<CheckedManifest> GetManifestAsync(VaultCore core, long seq, CancellationToken cancellation)
    {
        ThrowIfExpired(seq);
        return seq == Newest.Manifest.Seq ? Newest : await core.Manifests.GetAsync(Newest.Manifest.Source, seq, cancellation);
    }

    /// <summary>Whether retention has let a snapshot go; its versions may be gone too.</summary>
    public bool IsExpired(long seq) => Newest.Manifest.Expired?.Any(range => range.Contains(seq)) ?? false;

    /// <exception cref="SnapshotExpiredException">Retention has let it go.</exception>
    public void ThrowIfExpired(long seq)
    {
        if (IsExpired(seq)) throw new SnapshotExpiredException(Newest.Manifest.Source, seq);
    }

    /// <summary>A stream as a snapshot has it; null when the snapshot knows no such stream.</summary>
    public StreamView? Find(Manifest manifest, string stream)
    {
        if (manifest.Streams.GetValueOrDefault(stream) is not { } state) return null;
        // Streams are carried over for ever, so the newest manifest has it too.
        var sections = Newest.Manifest.Streams.GetValueOrDefault(stream)?.Sections ?? state.Sections;
        return new StreamView(manifest.Seq, state, [.. sections.Where(section => section.From <= manifest.Seq)]);
    }

    /// <exception cref="VaultNotFoundException">The snapshot knows no such stream.</exception>
    public StreamView Get(Manifest manifest, string stream) => Find(manifest, stream)
        ?? throw new VaultNotFoundException($"Snapshot {manifest.Seq} of source {manifest.Source} has no stream {stream}.");
}

/// <summary>A stream in a snapshot, ready to be read.</summary>
/// <param name="Seq">The snapshot: later versions in the sections are not its business.</param>
/// <param name="State">What its own manifest says. Its sections are history; they may be gone.</param>
/// <param name="Sections">The sections that hold its versions.</param>
internal sealed record StreamView(long Seq, StreamState State, IReadOnlyList<SectionReference> Sections);
