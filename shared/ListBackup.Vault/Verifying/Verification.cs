using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>How deep a verification looks. Each level includes the ones before it.</summary>
[JsonConverter(typeof(CamelCaseEnum<VerifyLevel>))]
public enum VerifyLevel
{
    /// <summary>V0: every manifest's signature, the chain of hashes, and the format file.</summary>
    Chain = 0,

    /// <summary>V1: every segment that a snapshot needs is there with the size (and, where the store keeps it, the checksum) that the manifest names; every key file opens.</summary>
    Objects = 1,

    /// <summary>V2: every byte of them is read, hashed, decrypted and parsed, down to each record's JSON and the group it belongs to.</summary>
    Blocks = 2,

    /// <summary>V3: the snapshots in scope are restored into nothing, each record re-hashed, and the state roots recomputed.</summary>
    Restore = 3,
}

/// <summary>What to verify.</summary>
public sealed record VerifyRequest
{
    /// <summary>How deep.</summary>
    public required VerifyLevel Level { get; init; }

    /// <summary>One source; null: all.</summary>
    public string? Source { get; init; }

    /// <summary>For <see cref="VerifyLevel.Restore"/>: this snapshot only; null: every distinct state of every stream.</summary>
    public long? Seq { get; init; }

    /// <summary>
    /// The newest snapshot of a source that the caller knows of from elsewhere. A store rolled back to an older state is sound in itself;
    /// only somebody who remembers can tell.
    /// </summary>
    public IReadOnlyList<KnownSnapshot> Known { get; init; } = [];

    /// <summary>
    /// For <see cref="VerifyLevel.Blocks"/>: read about so many bytes of segments only, those first that were not read for the longest time (one at least); the others are
    /// checked as at <see cref="VerifyLevel.Objects"/>. Where it stands is kept under <c>x/</c>, so that repeated runs read everything in turn. Null: read everything.
    /// </summary>
    public long? BudgetBytes { get; init; }

    /// <summary>A checkpoint of the log that the caller remembers, as <see cref="LogCheckpoint.Note"/>: the log must begin with it. Null: none.</summary>
    public byte[]? KnownCheckpoint { get; init; }
}

/// <summary>A snapshot that must exist.</summary>
/// <param name="Source">Id of the source.</param>
/// <param name="Seq">Its number.</param>
/// <param name="ManifestSha256">Its <see cref="Snapshot.ManifestSha256"/>.</param>
public sealed record KnownSnapshot(string Source, long Seq, string ManifestSha256);

/// <summary>What a verification found.</summary>
public sealed record VerifyReport
{
    /// <summary>How deep it looked.</summary>
    public required VerifyLevel Level { get; init; }

    /// <summary>True when nothing is wrong.</summary>
    public bool IsSound => Problems.Count == 0;

    /// <summary>Manifests checked.</summary>
    public required long Manifests { get; init; }

    /// <summary>Segments, key and dictionary objects checked.</summary>
    public required long Objects { get; init; }

    /// <summary>Blocks decrypted and parsed.</summary>
    public required long Blocks { get; init; }

    /// <summary>Record versions parsed.</summary>
    public required long Versions { get; init; }

    /// <summary>State roots recomputed.</summary>
    public required long Roots { get; init; }

    /// <summary>Bytes read from the store.</summary>
    public required long BytesRead { get; init; }

    /// <summary>How far the rotation is; null without <see cref="VerifyRequest.BudgetBytes"/>.</summary>
    public RotationProgress? Rotation { get; init; }

    /// <summary>Everything that is wrong, in the order found; at most <see cref="ProblemsMax"/>.</summary>
    public required IReadOnlyList<VerifyProblem> Problems { get; init; }

    /// <summary>More are counted by nobody: a vault this damaged needs a person.</summary>
    public const int ProblemsMax = 1000;
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Object">Name of the object.</param>
/// <param name="Offset">Byte position; 0 when the whole object is meant.</param>
/// <param name="Message">What is wrong and what it means, without contents.</param>
public sealed record VerifyProblem(string Object, long Offset, string Message)
{
    /// <summary>Of a segment: the streams that have versions in it and the first snapshot of which some are missing, for example <c>crm/contacts from snapshot 4</c>.</summary>
    public IReadOnlyList<string> Affects { get; init; } = [];
}

/// <summary>How much of a vault's segments was read in turn.</summary>
public sealed record RotationProgress
{
    /// <summary>Segments that snapshots need.</summary>
    public required int Segments { get; init; }

    /// <summary>Their bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Segments that were read and found whole at some time.</summary>
    public required int VerifiedSegments { get; init; }

    /// <summary>Their bytes.</summary>
    public required long VerifiedBytes { get; init; }

    /// <summary>Every byte of every segment was read and found whole since then; null when that is not so yet.</summary>
    public required DateTimeOffset? Since { get; init; }
}

/// <summary>How large a vault is, by kind of object.</summary>
public sealed record VaultStats
{
    /// <summary>Sources with at least one snapshot.</summary>
    public required long Sources { get; init; }

    /// <summary>Manifests.</summary>
    public required long Snapshots { get; init; }

    /// <summary>Segment objects, orphans included.</summary>
    public required long Segments { get; init; }

    /// <summary>Live records over the newest snapshots.</summary>
    public required long LiveRecords { get; init; }

    /// <summary>All objects.</summary>
    public required long Objects { get; init; }

    /// <summary>All bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of segments.</summary>
    public required long SegmentBytes { get; init; }

    /// <summary>Bytes of manifests.</summary>
    public required long ManifestBytes { get; init; }

    /// <summary>Bytes of key objects.</summary>
    public required long KeyBytes { get; init; }

    /// <summary>Bytes of dictionaries.</summary>
    public required long DictionaryBytes { get; init; }

    /// <summary>Bytes of attachments.</summary>
    public long AttachmentBytes { get; init; }

    /// <summary>Bytes of the erasure ledger.</summary>
    public long LedgerBytes { get; init; }

    /// <summary>Bytes of signed reports.</summary>
    public required long ReportBytes { get; init; }

    /// <summary>Bytes of the account's log.</summary>
    public required long LogBytes { get; init; }

    /// <summary>Bytes of caches, which anyone may delete: key indexes and drafts.</summary>
    public required long CacheBytes { get; init; }
}
