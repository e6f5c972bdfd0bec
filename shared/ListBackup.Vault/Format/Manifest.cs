using System.Text.Json.Serialization;

namespace ListBackup.Vault.Format;

/// <summary><c>m/{source}/{seq}.json</c>: a commit (vault-format.md, "Manifests").</summary>
internal sealed record Manifest
{
    public required string Vault { get; init; }
    public required string Source { get; init; }
    public required long Seq { get; init; }

    /// <summary>SHA-256 of the parent's body, hex; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Random; tells a committer whether a manifest is its own.</summary>
    public required string Attempt { get; init; }

    public required string Run { get; init; }

    /// <summary>The newest backups, this one included, newest first; at most <see cref="RunsMax"/>. A message that comes again behind others finds its run here. Carried over.</summary>
    public IReadOnlyList<CommittedRun>? Runs { get; init; }

    /// <summary>More backups than come between a message and its repetition, and no more than a kilobyte or two.</summary>
    public const int RunsMax = 32;

    public required string Trigger { get; init; }
    public ConnectorIdentity? Connector { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Bytes of the segments that this commit brought.</summary>
    public required long SegmentBytes { get; init; }

    public required SortedDictionary<string, StreamState> Streams { get; init; }

    /// <summary>What this commit is when it is no backup; null for a backup.</summary>
    public Maintenance? Maintenance { get; init; }

    /// <summary>Which snapshots are kept; null: all. Carried over.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>Carried over.</summary>
    public IReadOnlyList<SnapshotHold>? Holds { get; init; }

    /// <summary>Every snapshot that has ever expired, ascending. Carried over.</summary>
    public IReadOnlyList<SeqRange>? Expired { get; init; }

    /// <summary>Group keys that erasures have forgotten, by stream. Carried over.</summary>
    public SortedDictionary<string, IReadOnlyList<ForgottenGroups>>? Forgotten { get; init; }

    /// <summary>The garbage plan that is not carried out yet. Carried over.</summary>
    public long? GcPlan { get; init; }

    /// <summary>The newest plan under g/ whose names no commit behind this one brings a reference to; null: none yet. Carried over.</summary>
    public long? AttachmentPlan { get; init; }
}

/// <summary>A backup that is committed.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Run">Its run.</param>
/// <param name="Time">That of its manifest, so that a record's history need not read that for it; null where an earlier build wrote it.</param>
internal sealed record CommittedRun(long Seq, string Run, DateTimeOffset? Time = null);

/// <summary>A stream in a manifest: its state, and what the run that read it last brought.</summary>
internal sealed record StreamState
{
    public required long ReadSeq { get; init; }
    public required long Live { get; init; }
    public required long Added { get; init; }
    public required long Changed { get; init; }
    public required long Deleted { get; init; }

    /// <summary>State root, hex.</summary>
    public required string Root { get; init; }

    /// <summary>The epoch of the stream's newest group keys; 0 when it has none yet.</summary>
    public required int KeyEpoch { get; init; }

    public required Coverage Coverage { get; init; }

    /// <summary>By partition; JSON texts.</summary>
    public required SortedDictionary<string, string> Cursors { get; init; }

    public required IReadOnlyList<string> PrimaryKey { get; init; }

    /// <summary>The volatile fields that the root's record hashes leave out.</summary>
    public required IReadOnlyList<string> VolatileFields { get; init; }

    public required ObservedSchema Schema { get; init; }

    /// <summary>Oldest first. Of one key the version with the higher seq is the newer; of equal seqs, the later section's.</summary>
    public required IReadOnlyList<SectionReference> Sections { get; init; }

    /// <summary>True when a record of the stream ever had attachments; otherwise absent.</summary>
    public bool? HasAttachments { get; init; }

    /// <summary>The dictionaries that blocks of the sections are compressed with.</summary>
    public IReadOnlyList<DictionaryReference>? Dictionaries { get; init; }
}

/// <summary>Where a section is, and whether it is intact.</summary>
internal sealed record SectionReference
{
    public required string Object { get; init; }
    public required long Size { get; init; }
    public required string Sha256 { get; init; }
    public required FooterReference Footer { get; init; }

    /// <summary>Which of the object's sections; 32 hex digits.</summary>
    public required string Section { get; init; }

    /// <summary>Bytes of its blocks.</summary>
    public required long Bytes { get; init; }

    public required long Rows { get; init; }

    /// <summary>No version has a lower seq.</summary>
    public required long From { get; init; }

    /// <summary>No version has a higher seq; that of every row without its own.</summary>
    public required long To { get; init; }

    /// <summary>In a section that a compaction wrote: how many snapshots up to <see cref="To"/> had expired by then, so that their versions are left out already.</summary>
    public long? Expired { get; init; }

    /// <summary>The dictionary of its blocks' frames, as its table names it; null: none.</summary>
    public string? Dictionary { get; init; }

    /// <summary>Groups, in the section's own division, that must not be read: their versions live on elsewhere or were erased.</summary>
    public IReadOnlyList<int>? Without { get; init; }
}

/// <summary>A dictionary object of a stream.</summary>
internal sealed record DictionaryReference
{
    /// <summary>Its name in tables: the first 32 hex digits of the object's SHA-256.</summary>
    public required string Hash { get; init; }

    public required string Object { get; init; }
    public required long Size { get; init; }

    /// <summary>Of the object, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Thousandths of a sample's bytes that it saved when it was made.</summary>
    public required int Saved { get; init; }
}

/// <summary>Where a segment's footer is.</summary>
/// <param name="Offset">In the object.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of these bytes, hex.</param>
/// <param name="Pages">Where the pages begin that lie right before it; null: it has none.</param>
internal sealed record FooterReference(long Offset, int Length, string Sha256, long? Pages = null);

/// <summary>A segment's table of contents, at its end.</summary>
internal sealed record SegmentFooter
{
    public required IReadOnlyList<FooterSection> Sections { get; init; }
}

/// <summary>A section in a footer: with its blocks when they are few, with pages of them when they are many.</summary>
internal sealed record FooterSection
{
    public required string Id { get; init; }
    public required string Source { get; init; }
    public required string Stream { get; init; }
    public required int KeyEpoch { get; init; }
    public required int Groups { get; init; }
    public string? Dictionary { get; init; }
    public IReadOnlyList<BlockEntry>? Blocks { get; init; }
    public FooterColumns? Pages { get; init; }

    /// <summary>The section's table with these blocks.</summary>
    public SectionTable With(IReadOnlyList<BlockEntry> blocks) => new()
    {
        Id = Id,
        Source = Source,
        Stream = Stream,
        KeyEpoch = KeyEpoch,
        Groups = Groups,
        Dictionary = Dictionary,
        Blocks = blocks,
    };
}

/// <summary>One stream's blocks in a segment, or some of them.</summary>
internal sealed record SectionTable
{
    public required string Id { get; init; }
    public required string Source { get; init; }
    public required string Stream { get; init; }
    public required int KeyEpoch { get; init; }

    /// <summary>How many groups the keys are divided into; a power of two.</summary>
    public required int Groups { get; init; }

    /// <summary>The dictionary of its blocks' frames: the hash in <see cref="DictionaryReference"/>; null: none.</summary>
    public string? Dictionary { get; init; }

    /// <summary>That dictionary, once it was read; not stored.</summary>
    [JsonIgnore]
    public CompressionDictionary? OpenDictionary { get; init; }

    public required IReadOnlyList<BlockEntry> Blocks { get; init; }
}

/// <summary>One group's block: ciphertext and tag at an offset of the segment.</summary>
/// <param name="Group">Its group.</param>
/// <param name="Offset">In the segment.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Rows">Lines in it.</param>
/// <param name="Sha256">Of its bytes, hex; of a block in a page the first half of that.</param>
internal sealed record BlockEntry(
    [property: JsonPropertyName("g")] int Group,
    [property: JsonPropertyName("o")] long Offset,
    [property: JsonPropertyName("l")] int Length,
    [property: JsonPropertyName("r")] int Rows,
    [property: JsonPropertyName("h")] string Sha256);
