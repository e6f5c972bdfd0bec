namespace ListBackup.Vault;

/// <summary>How the reading of a stream ended.</summary>
public sealed record StreamFinish
{
    /// <summary>
    /// The reading reached its end without a gap: every page of the sweep, every change since the cursor, every id. Only then does a
    /// sweep turn absent keys into <c>gone</c>. False keeps what arrived and makes the coverage partial.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>Why it is not complete, for people; null when it is.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>Where the next incremental read begins; JSON, at most 512 KiB. Null: keeps the committed one.</summary>
    public string? CursorOut { get; init; }

    /// <summary>What the reader saw of the platform.</summary>
    public CoverageEvidence Evidence { get; init; } = new();
}
