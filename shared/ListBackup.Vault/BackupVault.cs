namespace ListBackup.Vault;

/// <summary>
/// One account's vault: the history of its sources. Safe for concurrent use, cheap to keep open; holds key material in memory.
/// </summary>
public sealed class BackupVault
{
    private BackupVault() { }

    /// <summary>Makes a vault in an empty store. Repeating it on a vault that the same keys open returns that vault.</summary>
    /// <exception cref="VaultKeyException">There is a vault already, and these keys do not open it.</exception>
    public static Task<BackupVault> CreateAsync(IObjectStore objects, IVaultKeys keys, VaultOptions options, CancellationToken cancellation) =>
        CreateAsync(objects, keys, recoveryPublicKeyPem: null, options, cancellation);

    /// <summary>As the other; the vault's secret is also wrapped to an RSA public key (PEM, at least 3,072 bits), so that its owner can recover everything without us.</summary>
    /// <exception cref="VaultKeyException">There is a vault already, and these keys do not open it.</exception>
    public static Task<BackupVault> CreateAsync(
        IObjectStore objects, IVaultKeys keys, string? recoveryPublicKeyPem, VaultOptions options, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Opens a vault.</summary>
    /// <exception cref="VaultNotFoundException">The store holds none.</exception>
    /// <exception cref="VaultKeyException">These keys do not open it.</exception>
    public static Task<BackupVault> OpenAsync(IObjectStore objects, IVaultKeys keys, VaultOptions options, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Begins, resumes or (if it was finished) finds the backup of one stream in a run.</summary>
    public Task<StreamBackup> BackUpStreamAsync(StreamBackupRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The stored outcomes of a run, for a committer that lost its messages.</summary>
    public Task<IReadOnlyList<StreamOutcome>> FindOutcomesAsync(string source, string run, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Makes a run's streams the newest snapshot, by one create-only put: seen whole by everybody or not at all. A commit that somebody
    /// else overtook is re-based and tried again. Committing a run twice returns the same snapshot.
    /// </summary>
    /// <exception cref="CommitContendedException">It was overtaken too often.</exception>
    public Task<Snapshot> CommitAsync(CommitRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Forgets the drafts of a run that will never be committed. What it wrote becomes garbage.</summary>
    public Task AbandonAsync(string source, string run, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Sources that have at least one snapshot, by id.</summary>
    public IAsyncEnumerable<string> ListSourcesAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The snapshots of a source, newest first. An unknown source has none.</summary>
    public IAsyncEnumerable<Snapshot> ListSnapshotsAsync(string source, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The newest snapshot; null when the source has none.</summary>
    public Task<Snapshot?> FindNewestSnapshotAsync(string source, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Opens a snapshot for reading.</summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="seq">Its number; null: the newest.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="VaultNotFoundException">There is none.</exception>
    public Task<SnapshotReader> OpenSnapshotAsync(string source, long? seq, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Every stored version of a record, oldest first; empty when the key never was.</summary>
    public Task<IReadOnlyList<RecordVersion>> GetHistoryAsync(string source, string stream, string key, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Records of a stream that differ between two snapshots, in the vault's own order. Seq 0 is the empty state before the first.</summary>
    public IAsyncEnumerable<RecordDifference> DiffAsync(string source, string stream, long fromSeq, long toSeq, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The same in numbers.</summary>
    public Task<DifferenceSummary> SummarizeDiffAsync(string source, string stream, long fromSeq, long toSeq, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Checks the vault. Damage is reported, never thrown; only an outage of the store or cancellation ends it early.</summary>
    public Task<VerifyReport> VerifyAsync(VerifyRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>How large the vault is. Lists every object.</summary>
    public Task<VaultStats> GetStatsAsync(CancellationToken cancellation) => throw new NotImplementedException();
}
