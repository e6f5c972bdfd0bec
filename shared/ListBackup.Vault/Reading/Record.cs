using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>A live record.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Seq">The snapshot in which this version came.</param>
/// <param name="Json">The platform's JSON, byte for byte.</param>
public sealed record Record(string Key, long Seq, ReadOnlyMemory<byte> Json)
{
    /// <summary>Files that belong to it; <see cref="BackupVault.OpenAttachmentAsync"/> opens them.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];
}

/// <summary>One version in a record's life.</summary>
/// <param name="Key">The record's key.</param>
/// <param name="Seq">The snapshot that brought it.</param>
/// <param name="Operation">What happened.</param>
/// <param name="Time">When that snapshot was committed; null when its manifest has expired.</param>
/// <param name="Json">The content of a put; null otherwise.</param>
public sealed record RecordVersion(string Key, long Seq, RecordOperation Operation, DateTimeOffset? Time, ReadOnlyMemory<byte>? Json);

/// <summary>What a version says.</summary>
[JsonConverter(typeof(CamelCaseEnum<RecordOperation>))]
public enum RecordOperation
{
    /// <summary>This is the content now.</summary>
    Put,

    /// <summary>The platform said: deleted.</summary>
    Delete,

    /// <summary>A complete sweep no longer found it.</summary>
    Gone,

    /// <summary>Its content was erased on a person's request; only a salted hash is left.</summary>
    Redacted,

    /// <summary>In this snapshot the record was erased on a person's request; it is not live from here on.</summary>
    Erased,
}

/// <summary>A record that is no longer live.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Operation"><see cref="RecordOperation.Delete"/> or <see cref="RecordOperation.Gone"/>.</param>
/// <param name="DeletedSeq">The snapshot in which it went.</param>
/// <param name="LastSeq">The snapshot of its last content; null when that was erased.</param>
/// <param name="LastJson">Its last content; null when that was erased.</param>
public sealed record DeletedRecord(string Key, RecordOperation Operation, long DeletedSeq, long? LastSeq, ReadOnlyMemory<byte>? LastJson);

/// <summary>What to show of a stream.</summary>
public sealed record RecordQuery
{
    /// <summary>Rows on the page, 1 to 1,000.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The <see cref="RecordPage.NextCursor"/> of the page before; null for the first.</summary>
    public string? Cursor { get; init; }

    /// <summary>All must hold.</summary>
    public IReadOnlyList<FieldFilter> Filters { get; init; } = [];

    /// <summary>Text that some value of the record contains, ignoring case; null: no such condition.</summary>
    public string? Contains { get; init; }

    /// <summary>How many records a page may look at before it returns what it has with a cursor to go on; bounds time on large streams.</summary>
    public int ExaminedMax { get; init; } = 50_000;
}

/// <summary>Which live records to read; the default: all.</summary>
public sealed record RecordSelection
{
    /// <summary>All must hold.</summary>
    public IReadOnlyList<FieldFilter> Filters { get; init; } = [];

    /// <summary>Text that some value of the record contains, ignoring case; null: no such condition.</summary>
    public string? Contains { get; init; }

    /// <summary>Only records whose key comes behind this one, by the order of UTF-8 bytes; null: from the start.</summary>
    public string? AfterKey { get; init; }
}

/// <summary>A condition on one field.</summary>
/// <param name="Field">JSON Pointer, for example <c>/address/city</c>.</param>
/// <param name="Comparison">How.</param>
/// <param name="Value">With what; numbers as text. Ignored by <see cref="FieldComparison.Exists"/>.</param>
public sealed record FieldFilter(string Field, FieldComparison Comparison, string Value = "");

/// <summary>Comparisons of a <see cref="FieldFilter"/>. Text compares ordinally, numbers as decimals.</summary>
[JsonConverter(typeof(CamelCaseEnum<FieldComparison>))]
public enum FieldComparison
{
    /// <summary>The value's text equals.</summary>
    Equals,

    /// <summary>It does not, or the field is absent.</summary>
    NotEquals,

    /// <summary>The value's text contains, ignoring case.</summary>
    Contains,

    /// <summary>It starts with, ignoring case.</summary>
    StartsWith,

    /// <summary>Greater: as numbers if both are, else as text.</summary>
    GreaterThan,

    /// <summary>Less: as numbers if both are, else as text.</summary>
    LessThan,

    /// <summary>The field is there and not null.</summary>
    Exists,
}

/// <summary>A page of records, in the vault's own order (scattered by key hash, the same at every read of one snapshot).</summary>
/// <param name="Records">At most the asked number; may be fewer, even none, before the end when a filter is rare.</param>
/// <param name="NextCursor">For the next page; null at the end.</param>
/// <param name="Examined">How many records were looked at.</param>
public sealed record RecordPage(IReadOnlyList<Record> Records, string? NextCursor, long Examined);

/// <summary>One record that differs between two snapshots.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">Added, changed or deleted.</param>
/// <param name="Before">In the earlier snapshot; null when added.</param>
/// <param name="After">In the later one; null when deleted.</param>
/// <param name="ChangedFields">JSON Pointers of top-level fields that differ (volatile ones included); empty unless changed.</param>
public sealed record RecordDifference(string Key, DifferenceKind Kind, Record? Before, Record? After, IReadOnlyList<string> ChangedFields);

/// <summary>How a record differs.</summary>
[JsonConverter(typeof(CamelCaseEnum<DifferenceKind>))]
public enum DifferenceKind
{
    /// <summary>Only in the later snapshot.</summary>
    Added,

    /// <summary>In both, with other content.</summary>
    Changed,

    /// <summary>Only in the earlier one.</summary>
    Deleted,
}

/// <summary>How two snapshots of a stream differ, in numbers.</summary>
/// <param name="Added">Records only in the later.</param>
/// <param name="Changed">Records in both with other content.</param>
/// <param name="Deleted">Records only in the earlier.</param>
/// <param name="ChangedFields">For each top-level field (JSON Pointer) how many changed records differ in it.</param>
public sealed record DifferenceSummary(long Added, long Changed, long Deleted, IReadOnlyDictionary<string, long> ChangedFields);

/// <summary>The fields that a stream's stored versions were seen to have.</summary>
/// <param name="Records">Versions looked at.</param>
/// <param name="Fields">By path, sorted.</param>
/// <param name="IsTruncated">More distinct fields were seen than are kept (2,000).</param>
public sealed record ObservedSchema(long Records, IReadOnlyList<ObservedField> Fields, bool IsTruncated);

/// <summary>One field of an observed schema.</summary>
/// <param name="Path">JSON Pointer; elements of arrays under <c>*</c>.</param>
/// <param name="Types">JSON types seen: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>null</c>, <c>object</c>, <c>array</c>; sorted.</param>
/// <param name="Count">In how many places it was seen.</param>
/// <param name="FirstSeq">The snapshot in which it was first seen.</param>
public sealed record ObservedField(string Path, IReadOnlyList<string> Types, long Count, long FirstSeq);
