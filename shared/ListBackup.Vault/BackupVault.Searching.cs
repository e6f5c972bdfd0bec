using ListBackup.Vault.Reading;
using ListBackup.Vault.Searching;

namespace ListBackup.Vault;

public sealed partial class BackupVault
{
    /// <summary>
    /// A page of records that fulfil what a person typed. With an index that covers the snapshot it reads kilobytes, without one it looks at
    /// one record after the other and says so; the result is the same.
    /// </summary>
    /// <exception cref="VaultNotFoundException">The source has no such snapshot or stream.</exception>
    /// <exception cref="SnapshotExpiredException">Retention has let the snapshot go.</exception>
    /// <exception cref="ArgumentException">The limit is out of range, or the cursor is none that a page returned.</exception>
    public Task<SearchPage> SearchAsync(string source, string stream, SearchQuery query, CancellationToken cancellation) =>
        new SearchRunner(_core, source, stream, query).RunAsync(cancellation);

    /// <summary>Records that were live once and are not in the snapshot, with their last content and when they went: a search in <see cref="SearchScope.Deleted"/>.</summary>
    /// <inheritdoc cref="SearchAsync"/>
    public Task<SearchPage> FindDeletedAsync(string source, string stream, SearchQuery query, CancellationToken cancellation) =>
        SearchAsync(source, stream, query with { Scope = SearchScope.Deleted }, cancellation);

    /// <summary>
    /// Brings the index of a stream up to the newest snapshot; it then serves that one and every snapshot before. Reads what changed since
    /// the index was made; everything when there is none or it does not fit. Memory is bounded whatever the stream's size.
    /// </summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="isFresh">Make it anew, whatever there is.</param>
    /// <param name="cancellation">Cancels; the former index stands.</param>
    /// <exception cref="VaultNotFoundException">The source has no snapshot or no such stream.</exception>
    public Task<SearchIndexReport> UpdateSearchIndexAsync(string source, string stream, bool isFresh, CancellationToken cancellation) =>
        new SearchIndexer(_core, source, stream).UpdateAsync(isFresh, cancellation);

    /// <summary>How the fields of a stream's records differ between two snapshots.</summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="fromSeq">The earlier snapshot.</param>
    /// <param name="toSeq">The later one.</param>
    /// <param name="basis">What to compare.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="VaultNotFoundException">There is no such snapshot or stream.</exception>
    public Task<SchemaDrift> DriftAsync(string source, string stream, long fromSeq, long toSeq, DriftBasis basis, CancellationToken cancellation) =>
        new Drift(_core, source, stream).CompareAsync(fromSeq, toSeq, basis, cancellation);
}
