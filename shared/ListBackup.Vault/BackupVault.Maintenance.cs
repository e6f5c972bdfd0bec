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
