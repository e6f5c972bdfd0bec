using System.Runtime.CompilerServices;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Verifying;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault;

/// <summary>
/// One account's vault: the history of its sources. Safe for concurrent use, cheap to keep open; holds key material in memory.
/// </summary>
public sealed partial class BackupVault
{
    private readonly VaultCore _core;

    private BackupVault(VaultCore core) => _core = core;

    /// <summary>Makes a vault in an empty store. Repeating it on a vault that the same keys open returns that vault.</summary>
    /// <exception cref="VaultKeyException">There is a vault already, and these keys do not open it.</exception>
    public static Task<BackupVault> CreateAsync(IObjectStore objects, IVaultKeys keys, VaultOptions options, CancellationToken cancellation) =>
        CreateAsync(objects, keys, recoveryPublicKeyPem: null, options, cancellation);

    /// <summary>As the other; the vault's secret is also wrapped to an RSA public key (PEM, at least 3,072 bits), so that its owner can recover everything without us.</summary>
    /// <exception cref="VaultKeyException">There is a vault already, and these keys do not open it.</exception>
    public static async Task<BackupVault> CreateAsync(
        IObjectStore objects, IVaultKeys keys, string? recoveryPublicKeyPem, VaultOptions options, CancellationToken cancellation) =>
        new(new VaultCore(objects, keys, await VaultKeyFiles.CreateAsync(objects, keys, recoveryPublicKeyPem, cancellation), options));

    /// <summary>Opens a vault.</summary>
    /// <exception cref="VaultNotFoundException">The store holds none.</exception>
    /// <exception cref="VaultKeyException">These keys do not open it.</exception>
    public static async Task<BackupVault> OpenAsync(IObjectStore objects, IVaultKeys keys, VaultOptions options, CancellationToken cancellation) =>
        new(new VaultCore(objects, keys, await VaultKeyFiles.OpenAsync(objects, keys, cancellation), options));

    /// <summary>
    /// Wraps the vault's secret under the current account key and for that recovery key (null: for none), where it is not so already; no data is
    /// encrypted again. Repeating it does nothing. Open vaults go on.
    /// </summary>
    /// <returns>False when nothing had to be done.</returns>
    public Task<bool> RewrapAsync(string? recoveryPublicKeyPem, CancellationToken cancellation) =>
        VaultKeyFiles.RewrapAsync(_core.Objects, _core.AccountKeys, recoveryPublicKeyPem, cancellation);

    /// <summary>Begins, resumes or (if it was finished) finds the backup of one stream in a run.</summary>
    public Task<StreamBackup> BackUpStreamAsync(StreamBackupRequest request, CancellationToken cancellation) =>
        StreamBackup.OpenAsync(_core, request, cancellation);

    /// <summary>The stored outcomes of a run, for a committer that lost its messages.</summary>
    public async Task<IReadOnlyList<StreamOutcome>> FindOutcomesAsync(string source, string run, CancellationToken cancellation)
    {
        var (drafts, outcomes) = (new DraftStore(_core), new List<StreamOutcome>());
        foreach (var name in await drafts.ListAsync(ObjectNames.DraftsOf(source, run), cancellation))
        {
            if (DraftStore.IsFinal(name) && await drafts.TryReadHeaderAsync(name, cancellation) is { Outcome: { } outcome }) outcomes.Add(outcome);
        }

        return outcomes;
    }

    /// <summary>
    /// Makes a run's streams the newest snapshot, by one create-only put: seen whole by everybody or not at all. A commit that somebody
    /// else overtook is re-based and tried again. Committing a run twice returns the same snapshot.
    /// </summary>
    /// <exception cref="CommitContendedException">It was overtaken too often.</exception>
    public async Task<Snapshot> CommitAsync(CommitRequest request, CancellationToken cancellation) =>
        Snapshots.Of(await new Committer(_core, request).CommitAsync(cancellation));

    /// <summary>Forgets the drafts of a run that will never be committed. What it wrote becomes garbage.</summary>
    public async Task AbandonAsync(string source, string run, CancellationToken cancellation)
    {
        var drafts = new DraftStore(_core);
        await drafts.DeleteAsync(await drafts.ListAsync(ObjectNames.DraftsOf(source, run), cancellation), cancellation);
    }

    /// <summary>Sources that have at least one snapshot, by id.</summary>
    public async IAsyncEnumerable<string> ListSourcesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string? last = null;
        await foreach (var head in _core.Objects.ListAsync(ObjectNames.Manifests, after: null, cancellation))
        {
            if (ObjectNames.ParseManifest(head.Name) is not { } parsed || parsed.Source == last) continue;
            yield return last = parsed.Source;
        }
    }

    /// <summary>The kept backups of a source, newest first; commits of maintenance are left out. An unknown source has none.</summary>
    public IAsyncEnumerable<Snapshot> ListSnapshotsAsync(string source, CancellationToken cancellation) =>
        Snapshots.ListAsync(_core, source, cancellation);

    /// <summary>The newest snapshot, be it a backup or a commit of maintenance; null when the source has none.</summary>
    public async Task<Snapshot?> FindNewestSnapshotAsync(string source, CancellationToken cancellation) =>
        await _core.Manifests.FindNewestAsync(source, cancellation) is { } manifest ? Snapshots.Of(manifest) : null;

    /// <summary>Opens a snapshot for reading. The reader is good for some hours: what maintenance has replaced since is deleted a day later at the earliest.</summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="seq">Its number; null: the newest.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="VaultNotFoundException">There is none.</exception>
    /// <exception cref="SnapshotExpiredException">Retention has let it go.</exception>
    public async Task<SnapshotReader> OpenSnapshotAsync(string source, long? seq, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(_core, source, cancellation);
        return new SnapshotReader(_core, view, seq is { } number ? await view.GetManifestAsync(_core, number, cancellation) : view.Newest);
    }

    /// <summary>Every stored version of a record, oldest first; empty when the key never was.</summary>
    public async Task<IReadOnlyList<RecordVersion>> GetHistoryAsync(string source, string stream, string key, CancellationToken cancellation) =>
        await (await OpenHistoryAsync(source, stream, cancellation)).ReadAsync(key, cancellation);

    /// <summary>For the versions of many records. What is committed or erased later the reader does not know.</summary>
    public Task<HistoryReader> OpenHistoryAsync(string source, string stream, CancellationToken cancellation) => HistoryReader.OpenAsync(_core, source, stream, cancellation);

    /// <summary>Records of a stream that differ between two snapshots, in the vault's own order. Seq 0 is the empty state before the first.</summary>
    public IAsyncEnumerable<RecordDifference> DiffAsync(string source, string stream, long fromSeq, long toSeq, CancellationToken cancellation) =>
        new Differences(_core, source, stream).ReadAsync(fromSeq, toSeq, cancellation);

    /// <summary>The same in numbers.</summary>
    public Task<DifferenceSummary> SummarizeDiffAsync(string source, string stream, long fromSeq, long toSeq, CancellationToken cancellation) =>
        new Differences(_core, source, stream).SummarizeAsync(fromSeq, toSeq, cancellation);

    /// <summary>Checks the vault. Damage is reported, never thrown; only an outage of the store or cancellation ends it early.</summary>
    public Task<VerifyReport> VerifyAsync(VerifyRequest request, CancellationToken cancellation) =>
        new Verifier(_core, request).VerifyAsync(cancellation);

    /// <summary>How large the vault is. Lists every object.</summary>
    public Task<VaultStats> GetStatsAsync(CancellationToken cancellation) => Stats.CountAsync(_core, cancellation);
}
