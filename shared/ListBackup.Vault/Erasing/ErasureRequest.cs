using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>Whom to erase from all of a vault's history, for good.</summary>
public sealed record ErasureRequest
{
    /// <summary>The caller's name for it, 1 to 200 characters. Asking again under the same id completes it or returns its receipt; it never erases anything else.</summary>
    public required string Id { get; init; }

    /// <summary>The person's records. A key that was never stored is erased as well: should it arrive later, it is left out.</summary>
    public IReadOnlyList<RecordAddress> Records { get; init; } = [];

    /// <summary>What the person is known by, such as e-mail addresses. Only HMACs of them are kept: for <see cref="BackupVault.IsErasedIdentifierAsync"/>, for holds, and to look for them in dictionaries.</summary>
    public IReadOnlyList<string> Identifiers { get; init; } = [];

    /// <summary>Who asks; stands in the receipt in plain, so it should not name the person who is erased.</summary>
    public string? By { get; init; }

    /// <summary>Why; as above.</summary>
    public string? Reason { get; init; }

    /// <summary>Most records of one request. Each may touch a group of about a thousand.</summary>
    public const int RecordsMax = 10_000;
}

/// <summary>One record of one stream.</summary>
/// <param name="Source">Id of the source.</param>
/// <param name="Stream">Name of the stream.</param>
/// <param name="Key">The record's key.</param>
public sealed record RecordAddress(string Source, string Stream, string Key);

/// <summary>What an erasure would touch, or why it would not.</summary>
/// <param name="Streams">By source and stream.</param>
/// <param name="Holds">Legal holds that forbid it; empty when it may go on.</param>
public sealed record ErasurePlan(IReadOnlyList<ErasedStream> Streams, IReadOnlyList<LegalHold> Holds);

/// <summary>What an erasure does to one stream.</summary>
public sealed record ErasedStream
{
    /// <summary>Id of the source.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Keys asked for.</summary>
    public required long Keys { get; init; }

    /// <summary>Of these, records of which the history holds anything.</summary>
    public required long Records { get; init; }

    /// <summary>Of these, records that were live until now.</summary>
    public required long Live { get; init; }

    /// <summary>Versions with content, which become salted hashes.</summary>
    public required long Versions { get; init; }

    /// <summary>Groups whose keys are replaced.</summary>
    public required long Groups { get; init; }

    /// <summary>Versions of other records that are encrypted again because they share a group.</summary>
    public required long RewrittenVersions { get; init; }

    /// <summary>Dictionaries that were searched for the person's identifiers and keys.</summary>
    public required long Dictionaries { get; init; }
}

/// <summary>A snapshot that an erasure made.</summary>
/// <param name="Source">Id of the source.</param>
/// <param name="Seq">Its number.</param>
/// <param name="ManifestSha256">Its identity.</param>
public sealed record ErasureCommit(string Source, long Seq, string ManifestSha256);

/// <summary>That somebody was erased: a signed, chained object of the vault. Says whom only to who can compute the same HMACs.</summary>
public sealed record ErasureReceipt
{
    /// <summary>The request.</summary>
    public required string Request { get; init; }

    /// <summary>When the erasure was complete.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Name of the object that holds it: line 1 is what is signed, line 2 the signature.</summary>
    public required string Object { get; init; }

    /// <summary>SHA-256 of what is signed, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The snapshots that it made; sources that hold nothing of the person's groups have none.</summary>
    public required IReadOnlyList<ErasureCommit> Commits { get; init; }

    /// <summary>What was done.</summary>
    public required IReadOnlyList<ErasedStream> Streams { get; init; }
}

/// <summary>A duty to keep: while it lasts, nothing that it names can be erased. It names what matches all of its members that are given.</summary>
public sealed record LegalHold
{
    /// <summary>Its name, 1 to 200 characters; what a refused erasure says.</summary>
    public required string Name { get; init; }

    /// <summary>Who placed it.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public required string Why { get; init; }

    /// <summary>When it ends by itself; null: when it is released.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A source; null: any.</summary>
    public string? Source { get; init; }

    /// <summary>A stream of <see cref="Source"/>; null: all of them.</summary>
    public string? Stream { get; init; }

    /// <summary>A record of <see cref="Stream"/>. Kept as a hash only, so that it is null in holds that were read.</summary>
    public string? Key { get; init; }

    /// <summary>A person, by an identifier that an erasure would name. Kept as an HMAC only, so that it is null in holds that were read.</summary>
    public string? Identifier { get; init; }

    /// <summary>What it is about.</summary>
    public LegalHoldScope Scope { get; init; }
}

/// <summary>What a legal hold is about.</summary>
[JsonConverter(typeof(CamelCaseEnum<LegalHoldScope>))]
public enum LegalHoldScope
{
    /// <summary>Everything in the vault.</summary>
    Vault,

    /// <summary>A source.</summary>
    Source,

    /// <summary>A stream.</summary>
    Stream,

    /// <summary>One record.</summary>
    Record,

    /// <summary>A person, wherever in the vault.</summary>
    Person,
}

/// <summary>A legal hold forbids the erasure. Nothing was done.</summary>
/// <param name="hold">The hold's name.</param>
/// <param name="message">What was refused.</param>
public sealed class LegalHoldException(string hold, string message) : VaultException(message)
{
    /// <summary>The hold's name.</summary>
    public string Hold { get; } = hold;
}
