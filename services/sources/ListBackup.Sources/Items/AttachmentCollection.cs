using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// When attachments that no record names were last collected in an account's vault, and which source's maintenance does it now: <c>ACC#id / ATTACHMENTS</c>. Equal
/// files are stored once for all sources of an account, so this belongs to none of them.
/// </summary>
public sealed record AttachmentCollection
{
    /// <summary>When it was last done to the end; null: never.</summary>
    public DateTimeOffset? CollectedAt { get; init; }

    /// <summary>The source in whose maintenance it is being done; null: in none.</summary>
    public SourceId? TakenBy { get; init; }

    /// <summary>When another source may take it over, because this one has not come back to it.</summary>
    public DateTimeOffset? TakenUntil { get; init; }
}
