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
    public required string Trigger { get; init; }
    public ConnectorIdentity? Connector { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Bytes of the segments that this commit brought.</summary>
    public required long SegmentBytes { get; init; }

    public required SortedDictionary<string, StreamState> Streams { get; init; }
}

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

    /// <summary>Oldest first. Of one key, a later section's version is newer.</summary>
    public required IReadOnlyList<SectionReference> Sections { get; init; }
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

    /// <summary>Lowest seq of its versions.</summary>
    public required long From { get; init; }

    /// <summary>Highest seq, and that of every row without its own.</summary>
    public required long To { get; init; }
}

internal sealed record FooterReference(long Offset, int Length, string Sha256);

/// <summary>A segment's table of contents, at its end.</summary>
internal sealed record SegmentFooter
{
    public required IReadOnlyList<SectionTable> Sections { get; init; }
}

/// <summary>One stream's blocks in a segment.</summary>
internal sealed record SectionTable
{
    public required string Id { get; init; }
    public required string Source { get; init; }
    public required string Stream { get; init; }
    public required int KeyEpoch { get; init; }

    /// <summary>How many groups the keys are divided into; a power of two.</summary>
    public required int Groups { get; init; }

    public required IReadOnlyList<BlockEntry> Blocks { get; init; }
}

/// <summary>One group's block: ciphertext and tag at an offset of the segment.</summary>
internal sealed record BlockEntry(
    [property: JsonPropertyName("g")] int Group,
    [property: JsonPropertyName("o")] long Offset,
    [property: JsonPropertyName("l")] int Length,
    [property: JsonPropertyName("r")] int Rows,
    [property: JsonPropertyName("h")] string Sha256);
