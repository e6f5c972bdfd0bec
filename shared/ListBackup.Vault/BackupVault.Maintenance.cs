using ListBackup.Vault.Maintaining;

namespace ListBackup.Vault;

public sealed partial class BackupVault
{
    /// <summary>
    /// Merges the sections of a source's streams where that pays, and leaves out versions that no kept snapshot needs. An ordinary commit: backups
    /// and other maintenance may run at the same time, every kept snapshot stays what it was. The old sections become garbage.
    /// </summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="isFull">Write every stream anew that has more than one layer or something to leave out, whether or not it pays.</param>
    /// <param name="cancellation">Cancels; what was written is then garbage.</param>
    /// <exception cref="VaultNotFoundException">The source has no snapshot.</exception>
    /// <exception cref="CommitContendedException">It was overtaken too often.</exception>
    public Task<CompactionReport> CompactAsync(string source, bool isFull, CancellationToken cancellation) =>
        new Compactor(_core, source, isFull).CompactAsync(cancellation);

    /// <summary>
    /// Deletes what nothing refers to, in two steps: a plan that names it, as a commit; and after a grace period its deletion, as another. One call
    /// carries out the plan that is due and makes the next. Backups, other maintenance and other collectors may run at the same time.
    /// </summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="grace">How long a plan waits, for readers that are open, and how old an object must be to be planned; usually <see cref="GarbageReport.GraceDefault"/>.</param>
    /// <param name="isDryRun">Only say what would be done.</param>
    /// <param name="cancellation">Cancels; what was deleted stays deleted, and the next call goes on.</param>
    /// <exception cref="VaultNotFoundException">The source has no snapshot.</exception>
    public Task<GarbageReport> CollectGarbageAsync(string source, TimeSpan grace, bool isDryRun, CancellationToken cancellation) =>
        new Garbage(_core, source, grace).CollectAsync(isDryRun, cancellation);

    /// <summary>
    /// Deletes attachments that no record version of any source names, in the steps of <see cref="CollectGarbageAsync"/>: a plan, and after a grace period the deletion.
    /// It is about the whole vault, since equal files are stored once for all sources. Backups and other collectors may run at the same time.
    /// </summary>
    /// <param name="grace">How long a plan waits, for readers that are open, and how old an attachment must be to be planned; usually <see cref="GarbageReport.GraceDefault"/>.</param>
    /// <param name="isDryRun">Only say what would be done.</param>
    /// <param name="cancellation">Cancels; what was deleted stays deleted, and the next call goes on.</param>
    /// <exception cref="CommitContendedException">A source's commits overtook it too often.</exception>
    public Task<AttachmentGarbageReport> CollectAttachmentsAsync(TimeSpan grace, bool isDryRun, CancellationToken cancellation) =>
        new AttachmentGarbage(_core, grace).CollectAsync(isDryRun, cancellation);

    /// <summary>Sets which snapshots of a source are kept; null: all. Nothing expires by it before <see cref="ApplyRetentionAsync"/>.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public Task<Snapshot> SetRetentionAsync(string source, RetentionPolicy? policy, CancellationToken cancellation) =>
        new Retention(_core, source).SetPolicyAsync(policy, cancellation);

    /// <summary>What a policy would keep, and why, and what it would let go. Changes nothing.</summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="policy">The policy to try; null: the one that is set.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<RetentionPreview> PreviewRetentionAsync(string source, RetentionPolicy? policy, CancellationToken cancellation) =>
        new Retention(_core, source).PreviewAsync(policy, cancellation);

    /// <summary>Lets the snapshots go that the policy does not keep: they cannot be opened from then on. Their records go with the next compaction and collection of garbage.</summary>
    public Task<RetentionReport> ApplyRetentionAsync(string source, CancellationToken cancellation) =>
        new Retention(_core, source).ApplyAsync(cancellation);

    /// <summary>Puts a hold, or replaces the one of this name.</summary>
    /// <exception cref="VaultNotFoundException">There is no such snapshot.</exception>
    /// <exception cref="SnapshotExpiredException">It has expired.</exception>
    public Task<Snapshot> PutHoldAsync(string source, SnapshotHold hold, CancellationToken cancellation) =>
        new Retention(_core, source).PutHoldAsync(hold, cancellation);

    /// <summary>The holds of a source, in the order in which they were put. A source without a snapshot has none.</summary>
    public async Task<IReadOnlyList<SnapshotHold>> ListHoldsAsync(string source, CancellationToken cancellation) =>
        (await _core.Manifests.FindNewestAsync(source, cancellation))?.Manifest.Holds ?? [];

    /// <summary>Lifts a hold. None of this name: nothing happens.</summary>
    public Task<Snapshot> LiftHoldAsync(string source, string name, CancellationToken cancellation) =>
        new Retention(_core, source).LiftHoldAsync(name, cancellation);
}

/// <summary>What a compaction did.</summary>
/// <param name="Snapshot">Its commit; null when there was nothing to do.</param>
/// <param name="Streams">The streams that were merged.</param>
public sealed record CompactionReport(Snapshot? Snapshot, IReadOnlyList<StreamCompaction> Streams);

/// <summary>One stream in a compaction.</summary>
/// <param name="Stream">Name of the stream.</param>
/// <param name="SectionsBefore">How many sections were merged.</param>
/// <param name="SectionsAfter">Into how many.</param>
/// <param name="BytesBefore">Stored bytes of the former.</param>
/// <param name="BytesAfter">Stored bytes of the latter.</param>
/// <param name="VersionsDropped">Record versions that no kept snapshot needs and that were left out.</param>
public sealed record StreamCompaction(string Stream, int SectionsBefore, int SectionsAfter, long BytesBefore, long BytesAfter, long VersionsDropped);
