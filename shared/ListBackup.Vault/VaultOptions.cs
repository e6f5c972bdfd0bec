namespace ListBackup.Vault;

/// <summary>How a vault works in this process. None of it changes the format; two processes may differ.</summary>
public sealed record VaultOptions
{
    /// <summary>Times in manifests come from here.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Raw bytes of changed records that a stream backup holds in memory; what exceeds them waits in <see cref="SpillFolder"/>.</summary>
    public int BufferBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Raw bytes of changed records that a stream backup holds in all before it writes segments. More gives larger blocks, which compress better.</summary>
    public long SpillBytesMax { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>A larger record is refused as <see cref="RecordProblem.TooLarge"/>. Below the segment's block limit of the format (64 MiB).</summary>
    public int RecordBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Sections up to this size are packed into one shared object by the commit; larger ones become objects at once.</summary>
    public int PackedSectionBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Level of the zstd frames, 1 to 19.</summary>
    public int CompressionLevel { get; init; } = 3;

    /// <summary>With fewer changed records in a run no dictionary is made or weighed for a stream; the one it has is used.</summary>
    public int DictionaryRowsMin { get; init; } = 1_000;

    /// <summary>A reader fetches at most about this many stored bytes ahead.</summary>
    public int ReadWindowBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Where backups and sorted reads put what exceeds memory, sealed under keys that never leave it; null: the system's temporary folder.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>
    /// How many blocks a page of a segment's footer lists; who reads one record fetches one page of each large section. A section with no more than four pages' blocks has none.
    /// </summary>
    public int FooterPageBlocks { get; init; } = 32;

    /// <summary>How often a commit re-bases onto somebody else's before it gives up.</summary>
    public int CommitAttemptsMax { get; init; } = 20;
}
