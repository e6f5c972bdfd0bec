using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What to find in a stream.</summary>
public sealed record SearchQuery
{
    /// <summary>
    /// What a person types; all must hold. <c>ada</c>: a word that begins so; <c>"ada lovelace"</c>: these words one behind the other;
    /// <c>email:ada@example.org</c>: that field is this, <c>name:ada*</c>: begins so; <c>has:email</c>: it is there and not null; digits of a
    /// telephone number, however it is written. Case and accents do not count. Empty: everything.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>In which snapshot; null: the newest, or that of the page before.</summary>
    public long? Seq { get; init; }

    /// <summary>Live records, deleted ones, or both.</summary>
    public SearchScope Scope { get; init; } = SearchScope.Live;

    /// <summary>Only records that were deleted in a snapshot of this time or later; null: no such condition.</summary>
    public DateTimeOffset? DeletedFrom { get; init; }

    /// <summary>Only records that were deleted in a snapshot before this time; null: no such condition.</summary>
    public DateTimeOffset? DeletedBefore { get; init; }

    /// <summary>Rows on the page, 1 to 1,000.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The <see cref="SearchPage.NextCursor"/> of the page before; null for the first. It names the snapshot, so that pages fit together whatever is backed up meanwhile.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many records a page may look at before it returns what it has with a cursor to go on.</summary>
    public int ExaminedMax { get; init; } = 50_000;
}

/// <summary>Which records a search means.</summary>
[JsonConverter(typeof(CamelCaseEnum<SearchScope>))]
public enum SearchScope
{
    /// <summary>Those of the snapshot.</summary>
    Live,

    /// <summary>Those that were live once and are not in the snapshot, by their last content. Erased ones are gone for good.</summary>
    Deleted,

    /// <summary>Both.</summary>
    All,
}

/// <summary>A page of what was found, in the vault's own order.</summary>
/// <param name="Seq">The snapshot that was searched.</param>
/// <param name="Hits">At most the asked number; may be fewer, even none, before the end.</param>
/// <param name="NextCursor">For the next page; null at the end.</param>
/// <param name="Examined">How many records were looked at.</param>
/// <param name="Access">How they were found.</param>
public sealed record SearchPage(long Seq, IReadOnlyList<SearchHit> Hits, string? NextCursor, long Examined, SearchAccess Access);

/// <summary>How records were found.</summary>
[JsonConverter(typeof(CamelCaseEnum<SearchAccess>))]
public enum SearchAccess
{
    /// <summary>The index said where to look.</summary>
    Index,

    /// <summary>There is an index, but what is asked for is so common, or so short, that looking at one record after the other finds it as soon.</summary>
    IndexTooCommon,

    /// <summary>One record after the other was looked at, because there is no index of this state: <see cref="BackupVault.UpdateSearchIndexAsync"/> makes it.</summary>
    Scan,
}

/// <summary>A record that was found.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Seq">The snapshot in which this content came.</param>
/// <param name="Json">Its content; of a deleted record the last.</param>
/// <param name="Deletion">How it went; null when it is live.</param>
public sealed record SearchHit(string Key, long Seq, ReadOnlyMemory<byte> Json, SearchDeletion? Deletion);

/// <summary>How a record went.</summary>
/// <param name="Seq">The snapshot in which it was no longer there.</param>
/// <param name="Time">When that was committed.</param>
/// <param name="Operation"><see cref="RecordOperation.Delete"/> or <see cref="RecordOperation.Gone"/>.</param>
public sealed record SearchDeletion(long Seq, DateTimeOffset Time, RecordOperation Operation);

/// <summary>What bringing an index up to date did.</summary>
/// <param name="UpTo">The newest snapshot, which it covers now.</param>
/// <param name="IsRebuilt">It was made anew: there was none, or it was damaged or did not fit.</param>
/// <param name="Documents">Record versions that were read for it.</param>
/// <param name="Layers">Parts it consists of.</param>
/// <param name="Terms">Terms in them.</param>
/// <param name="Bytes">Stored bytes.</param>
public sealed record SearchIndexReport(long UpTo, bool IsRebuilt, long Documents, int Layers, long Terms, long Bytes);
