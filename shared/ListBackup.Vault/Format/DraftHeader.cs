namespace ListBackup.Vault.Format;

/// <summary>The JSON part of a draft (caches have no promise of format; a newer build may refuse an older one's drafts).</summary>
internal sealed record DraftHeader
{
    /// <summary>Who wrote it, to tell one's own lost reply from somebody else's work.</summary>
    public required string Attempt { get; init; }

    public required long BaseSeq { get; init; }
    public required string? BaseRoot { get; init; }
    public string? Cursor { get; init; }
    public required StreamCounts Counts { get; init; }
    public required ObservedSchema Schema { get; init; }
    public required IReadOnlyList<DraftSection> Sections { get; init; }
    public IReadOnlyList<RefusedRecord> RefusedSamples { get; init; } = [];

    /// <summary>Refused records whose key could not be read: with one of these a sweep cannot say what is gone.</summary>
    public long RefusedWithoutKey { get; init; }

    /// <summary>A record that arrived so far had attachments.</summary>
    public bool HasAttachments { get; init; }

    /// <summary>The newest plan under g/ when the first of these attachments got its name; null: not known.</summary>
    public long? AttachmentPlan { get; init; }

    /// <summary>Key hashes (hex) of erased records that arrived so far; each counts once.</summary>
    public IReadOnlyList<string> ErasedArrivals { get; init; } = [];

    /// <summary>Dictionaries that the backup made, in order.</summary>
    public IReadOnlyList<DictionaryReference> NewDictionaries { get; init; } = [];

    /// <summary>In the last part only.</summary>
    public StreamOutcome? Outcome { get; init; }
}

/// <summary>A section of a draft: in an object of its own, or (no reference) in the draft's payload.</summary>
internal sealed record DraftSection
{
    public required SectionTable Table { get; init; }
    public SectionReference? Reference { get; init; }
}
