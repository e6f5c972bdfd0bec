namespace ListBackup.Vault;

/// <summary>A snapshot, open for reading. Safe for concurrent use; memory is bounded by a few windows of groups, whatever the stream's size.</summary>
public sealed class SnapshotReader
{
    internal SnapshotReader() { }

    /// <summary>The snapshot that is read.</summary>
    public Snapshot Snapshot => throw new NotImplementedException();

    /// <summary>All live records of a stream, group by group, in the vault's own order. An unknown stream is refused with <see cref="VaultNotFoundException"/>.</summary>
    public IAsyncEnumerable<Record> ReadAsync(string stream, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>All live records of a stream in ascending order of the key's UTF-8 bytes. What exceeds memory is sorted through <see cref="VaultOptions.SpillFolder"/>, sealed under a key that never leaves memory.</summary>
    public IAsyncEnumerable<Record> ReadSortedAsync(string stream, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>A page of live records, with simple conditions.</summary>
    public Task<RecordPage> QueryAsync(string stream, RecordQuery query, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>One live record by its key; null when there is none.</summary>
    public Task<Record?> FindAsync(string stream, string key, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Records that were live once and are not in this snapshot, with their last content.</summary>
    public IAsyncEnumerable<DeletedRecord> ReadDeletedAsync(string stream, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The fields of the stream's records, as observed up to this snapshot.</summary>
    public ObservedSchema SchemaOf(string stream) => throw new NotImplementedException();
}
