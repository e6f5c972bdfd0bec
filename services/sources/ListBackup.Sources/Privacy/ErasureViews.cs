using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Whom to erase from every snapshot, for good.</summary>
/// <param name="Id">Your name for the request, 1 to 100 characters, such as a ticket's number; never the person's name. Asking again under it completes the erasure or answers with its receipt.</param>
/// <param name="Records">Their records, 1 to 1,000, as a search for the person tells them.</param>
public sealed record EraseSubjectRequest(string Id, IReadOnlyList<SubjectAddress> Records)
{
    /// <summary>What the person is known by. Only keyed hashes are kept: so that later searches and restores know that they were erased, and for holds.</summary>
    public IReadOnlyList<string>? Identifiers { get; init; }

    /// <summary>Why; stands in the receipt in plain, so it should not name the person.</summary>
    public string? Reason { get; init; }
}

/// <summary>What an erasure would do, or why it may not be done.</summary>
/// <param name="Streams">By source and stream.</param>
/// <param name="Holds">Legal holds that forbid it; empty when it may be done.</param>
public sealed record ErasurePlanView(IReadOnlyList<ErasedStreamView> Streams, IReadOnlyList<LegalHoldView> Holds);

/// <param name="Records">Of the keys asked for, those of which anything is kept.</param>
/// <param name="Live">Of these, records that are live.</param>
/// <param name="Versions">Versions with content that become salted hashes.</param>
/// <param name="RewrittenVersions">Versions of other people's records that are encrypted again because they shared a key.</param>
public sealed record ErasedStreamView(string SourceId, string Stream, long Keys, long Records, long Live, long Versions, long RewrittenVersions)
{
    public static ErasedStreamView Of(ErasedStream stream) => new(stream.Source, stream.Stream, stream.Keys, stream.Records, stream.Live, stream.Versions, stream.RewrittenVersions);
}

/// <summary>A completed erasure.</summary>
/// <param name="Id">The request.</param>
/// <param name="At">When it was complete.</param>
/// <param name="ReceiptSha256">Hash of the signed receipt, which the account's log names.</param>
public sealed record ErasureView(string Id, DateTimeOffset At, string ReceiptSha256, IReadOnlyList<ErasedStreamView> Streams)
{
    public static ErasureView Of(ErasureReceipt receipt) => new(receipt.Request, receipt.Time, receipt.Sha256, [.. receipt.Streams.Select(ErasedStreamView.Of)]);
}

/// <summary>All erasures of an account.</summary>
/// <param name="Items">Complete ones, oldest first.</param>
/// <param name="Unfinished">Requests that were begun and cut off: ask for them again under the same id.</param>
public sealed record ErasuresView(IReadOnlyList<ErasureView> Items, IReadOnlyList<string> Unfinished);

/// <summary>A duty to keep. It names what matches all of its members that are given; none: everything.</summary>
/// <param name="Reason">Why, 1 to 200 characters.</param>
public sealed record PlaceLegalHoldRequest(string Reason)
{
    public SourceId? SourceId { get; init; }

    /// <summary>A stream of the source.</summary>
    public string? Stream { get; init; }

    /// <summary>A record of the stream.</summary>
    public string? Key { get; init; }

    /// <summary>A person, by an identifier that an erasure would name.</summary>
    public string? Identifier { get; init; }

    /// <summary>When it ends by itself; absent: when it is released.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <param name="Scope">vault, source, stream, record or person. Which record or person is kept as a hash only.</param>
public sealed record LegalHoldView(string Name, string Scope, string By, string Reason, string? SourceId, string? Stream, DateTimeOffset? Until)
{
    public static LegalHoldView Of(LegalHold hold) => new(hold.Name, ApiText.Of(hold.Scope), hold.By, hold.Why, hold.Source, hold.Stream, hold.Until);
}
