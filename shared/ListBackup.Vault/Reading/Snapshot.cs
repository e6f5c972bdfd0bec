namespace ListBackup.Vault;

/// <summary>A committed state of a source.</summary>
public sealed record Snapshot
{
    /// <summary>Id of the source.</summary>
    public required string Source { get; init; }

    /// <summary>Its number, from 1, without gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was committed (UTC, by the committer's clock).</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The run that made it.</summary>
    public required string Run { get; init; }

    /// <summary>What started the run.</summary>
    public required string Trigger { get; init; }

    /// <summary>What the commit is that is no backup: its state is the backup's before it, less what an erasure took. Null for a backup.</summary>
    public MaintenanceKind? Maintenance { get; init; }

    /// <summary>Until when the source's policy and holds, as they are now, keep it whatever else comes; null: there is no end. It may stay longer, as the last of its week or the like.</summary>
    public DateTimeOffset? GuaranteedUntil { get; init; }

    /// <summary>Which connector read it; null when nobody said.</summary>
    public ConnectorIdentity? Connector { get; init; }

    /// <summary>Every stream that the source ever had, by name.</summary>
    public required IReadOnlyList<StreamSnapshot> Streams { get; init; }

    /// <summary>SHA-256 of the manifest, lower-case hex: the snapshot's identity in the chain and in certificates.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>Bytes that this commit added to the store, manifest included.</summary>
    public required long BytesAdded { get; init; }
}

/// <summary>One stream in a snapshot.</summary>
public sealed record StreamSnapshot
{
    /// <summary>Name of the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>The snapshot in which it was last read: the counts and coverage below are of that one.</summary>
    public required long ReadSeq { get; init; }

    /// <summary>Records alive.</summary>
    public required long Live { get; init; }

    /// <summary>Keys that became live in <see cref="ReadSeq"/>.</summary>
    public required long Added { get; init; }

    /// <summary>Live keys with new content in <see cref="ReadSeq"/>.</summary>
    public required long Changed { get; init; }

    /// <summary>Keys that went in <see cref="ReadSeq"/>: told by the platform or gone.</summary>
    public required long Deleted { get; init; }

    /// <summary>How much of the platform's stream this provably is.</summary>
    public required Coverage Coverage { get; init; }

    /// <summary>Merkle root over the live records, lower-case hex. Equal roots mean equal data.</summary>
    public required string StateRoot { get; init; }

    /// <summary>Where the next incremental read begins, by partition (empty: the whole stream); JSON texts.</summary>
    public IReadOnlyDictionary<string, string> Cursors { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Fields the record key is made of.</summary>
    public IReadOnlyList<string> PrimaryKey { get; init; } = [];

    /// <summary>Stored bytes of the segments that this stream's state and history are read from.</summary>
    public required long Bytes { get; init; }
}
