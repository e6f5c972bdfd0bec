namespace ListBackup.Vault;

/// <summary>What to try a restore of.</summary>
public sealed record DrillRequest
{
    /// <summary>One source; null: any.</summary>
    public string? Source { get; init; }

    /// <summary>Decides the choice: the same seed on the same vault chooses the same. Not negative; null: a random one, which the report names.</summary>
    public int? Seed { get; init; }
}

/// <summary>How a drill went: one stream of one snapshot, restored into scratch and read back.</summary>
public sealed record DrillReport
{
    /// <summary>What decided the choice.</summary>
    public required int Seed { get; init; }

    /// <summary>Id of the source.</summary>
    public required string Source { get; init; }

    /// <summary>The snapshot.</summary>
    public required long Seq { get; init; }

    /// <summary>Name of the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Live records that the manifest names.</summary>
    public required long Live { get; init; }

    /// <summary>The state root that the manifest names, hex.</summary>
    public required string StateRoot { get; init; }

    /// <summary>Records that were restored with their content.</summary>
    public required long Records { get; init; }

    /// <summary>Records of which only a hash is left, since their persons were erased. With the others they must be as many as are live.</summary>
    public required long Redacted { get; init; }

    /// <summary>Bytes of the restored records' contents.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of them that came back from scratch.</summary>
    public required long BytesReadBack { get; init; }

    /// <summary>Different files of the records, each read to its end.</summary>
    public required long Attachments { get; init; }

    /// <summary>Their bytes.</summary>
    public required long AttachmentBytes { get; init; }

    /// <summary>The root of what came back from scratch, hex; null when other records came back than are live, or the restore did not get so far.</summary>
    public string? RestoredRoot { get; init; }

    /// <summary>What went wrong, without contents; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>True when what was backed up came back.</summary>
    public bool IsRestored => Problem is null && RestoredRoot == StateRoot && BytesReadBack == Bytes && Records + Redacted == Live;
}
