using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>A record as it was backed up.</summary>
/// <param name="Key">Tells it apart in its stream.</param>
/// <param name="Seq">The snapshot in which this version came.</param>
/// <param name="Content">The platform's own JSON, unchanged.</param>
public sealed record RecordView(string Key, long Seq, RawJson Content)
{
    public static RecordView Of(Record record) => new(record.Key, record.Seq, new(record.Json));
}

/// <summary>A page of records. A rare filter may bring an empty page that has a next one.</summary>
/// <param name="Items">In the vault's order, the same at every reading of a snapshot.</param>
/// <param name="NextCursor">Absent at the end.</param>
/// <param name="Examined">How many records were looked at for this page.</param>
public sealed record RecordPageView(IReadOnlyList<RecordView> Items, string? NextCursor, long Examined);

/// <summary>One version in a record's life.</summary>
/// <param name="Seq">The snapshot that brought it.</param>
/// <param name="Operation">put, delete (the platform said so), gone (a complete sweep no longer found it) or redacted.</param>
/// <param name="At">When; absent when that snapshot has expired.</param>
/// <param name="Content">What a put brought.</param>
public sealed record RecordVersionView(long Seq, string Operation, DateTimeOffset? At, RawJson? Content)
{
    public static RecordVersionView Of(RecordVersion version) =>
        new(version.Seq, ApiText.Of(version.Operation), version.Time, version.Json is { } json ? new(json) : null);
}

/// <summary>A record that is no longer there, with its last content.</summary>
public sealed record DeletedRecordView(string Key, string Operation, long DeletedSeq, long? LastSeq, RawJson? LastContent)
{
    public static DeletedRecordView Of(DeletedRecord record) =>
        new(record.Key, ApiText.Of(record.Operation), record.DeletedSeq, record.LastSeq, record.LastJson is { } json ? new(json) : null);
}

/// <summary>A record that differs between two snapshots.</summary>
/// <param name="Kind">added, changed or deleted.</param>
/// <param name="ChangedFields">JSON Pointers of top-level fields; empty unless changed.</param>
public sealed record RecordDifferenceView(string Key, string Kind, RecordView? Before, RecordView? After, IReadOnlyList<string> ChangedFields)
{
    public static RecordDifferenceView Of(RecordDifference difference) => new(
        difference.Key,
        ApiText.Of(difference.Kind),
        difference.Before is { } before ? RecordView.Of(before) : null,
        difference.After is { } after ? RecordView.Of(after) : null,
        difference.ChangedFields);
}

/// <summary>How two snapshots differ in one stream, in numbers.</summary>
public sealed record StreamDifferenceView(string Stream, long Added, long Changed, long Deleted, IReadOnlyDictionary<string, long> ChangedFields);

public sealed record SchemaView(long Records, IReadOnlyList<SchemaFieldView> Fields, bool IsTruncated);

/// <param name="Path">JSON Pointer; elements of arrays under <c>*</c>.</param>
/// <param name="FirstSeq">The snapshot in which it was first seen: later than the stream's first is drift.</param>
public sealed record SchemaFieldView(string Path, IReadOnlyList<string> Types, long Count, long FirstSeq);
