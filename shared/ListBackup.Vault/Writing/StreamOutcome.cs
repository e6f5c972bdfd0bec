namespace ListBackup.Vault;

/// <summary>
/// The result of one stream backup: small, serialisable (<see cref="VaultJson"/>), enough for a committer in another process. The same
/// text lies in the store, so a lost one is found again by <see cref="BackupVault.FindOutcomesAsync"/>.
/// </summary>
public sealed record StreamOutcome
{
    /// <summary>Id of the source.</summary>
    public required string Source { get; init; }

    /// <summary>Id of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Name of the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>The partition; empty when the stream was read as one.</summary>
    public required string Partition { get; init; }

    /// <summary>How many partitions the stream was read in.</summary>
    public required int PartitionCount { get; init; }

    /// <summary>How it was read.</summary>
    public required ReadMode Mode { get; init; }

    /// <summary>Whether the reading reached its end.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Why not, for people.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>Sequence number of the snapshot that records were compared with; 0: there was none.</summary>
    public required long BaseSeq { get; init; }

    /// <summary>What arrived and what it did.</summary>
    public required StreamCounts Counts { get; init; }

    /// <summary>What the reader saw of the platform.</summary>
    public required CoverageEvidence Evidence { get; init; }

    /// <summary>Where the next incremental read begins; JSON. Null: the committed one stays.</summary>
    public string? CursorOut { get; init; }

    /// <summary>Fields that the record key is made of.</summary>
    public required IReadOnlyList<string> PrimaryKey { get; init; }

    /// <summary>Fields that were left out of the comparison.</summary>
    public required IReadOnlyList<string> VolatileFields { get; init; }

    /// <summary>Objects that hold this outcome's changes, in order, for the committer. Deleted after the commit.</summary>
    public required IReadOnlyList<string> DraftObjects { get; init; }

    /// <summary>A few of the refused records: which problem, which key or position. No contents.</summary>
    public IReadOnlyList<RefusedRecord> RefusedSamples { get; init; } = [];
}

/// <summary>A refused record, without its content.</summary>
/// <param name="Position">Its place among the arrivals of the run, from 1.</param>
/// <param name="Problem">Why.</param>
/// <param name="Key">Its key, where one could be read.</param>
public sealed record RefusedRecord(long Position, RecordProblem Problem, string? Key);

/// <summary>Counts of one stream in one run. Each arrival is in exactly one of the effects.</summary>
public sealed record StreamCounts
{
    /// <summary>Records handed to the vault, refused and repeated ones included.</summary>
    public long Arrived { get; init; }

    /// <summary>Keys that were not live before.</summary>
    public long Added { get; init; }

    /// <summary>Live keys with new content.</summary>
    public long Changed { get; init; }

    /// <summary>Deletes told by the platform of keys that were live.</summary>
    public long Deleted { get; init; }

    /// <summary>Records equal to the newest snapshot.</summary>
    public long Unchanged { get; init; }

    /// <summary>Arrivals of content that had arrived before in the run.</summary>
    public long Repeated { get; init; }

    /// <summary>Arrivals that replaced another content of the same key in the run.</summary>
    public long Superseded { get; init; }

    /// <summary>Records not stored.</summary>
    public long Refused { get; init; }

    /// <summary>Records left out because their person was erased.</summary>
    public long Erased { get; init; }

    /// <summary>Raw bytes of the arrivals.</summary>
    public long BytesArrived { get; init; }
}
