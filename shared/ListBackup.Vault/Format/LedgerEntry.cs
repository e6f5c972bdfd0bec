using System.Text.Json.Serialization;

namespace ListBackup.Vault.Format;

/// <summary><c>e/{seq}.json</c>: one entry of the erasure ledger, a signed document (vault-format.md, "The erasure ledger").</summary>
internal sealed record LedgerEntry
{
    public required string Vault { get; init; }
    public required long Seq { get; init; }

    /// <summary>SHA-256 of the entry before, hex; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Random; tells a writer whether an entry is its own.</summary>
    public required string Attempt { get; init; }

    public required DateTimeOffset Time { get; init; }
    public required LedgerKind Kind { get; init; }

    /// <summary>Id of the request that this begins or ends; null for holds.</summary>
    public string? Request { get; init; }

    public string? By { get; init; }
    public string? Reason { get; init; }

    /// <summary>Whose records: key hashes by source and stream.</summary>
    public IReadOnlyList<LedgerRecords>? Records { get; init; }

    /// <summary>HMACs of the identifiers by which the person is known, hex.</summary>
    public IReadOnlyList<string>? Identifiers { get; init; }

    /// <summary>In the begin: the newest snapshot of each source then; the erasure's commits have higher numbers.</summary>
    public SortedDictionary<string, long>? Heads { get; init; }

    /// <summary>In the receipt: what was committed.</summary>
    public IReadOnlyList<ErasureCommit>? Commits { get; init; }

    /// <summary>In the receipt: what was done to each stream.</summary>
    public IReadOnlyList<ErasedStream>? Streams { get; init; }

    public LedgerHold? Hold { get; init; }
}

/// <summary>Records of a stream by their key hashes (hex, ascending).</summary>
internal sealed record LedgerRecords(string Source, string Stream, IReadOnlyList<string> Keys);

/// <summary>A legal hold, placed or released. It holds what matches all that it names.</summary>
internal sealed record LedgerHold
{
    public required string Name { get; init; }
    public string? Source { get; init; }
    public string? Stream { get; init; }

    /// <summary>Key hash of a record, hex.</summary>
    public string? Key { get; init; }

    /// <summary>HMAC of a person's identifier, hex.</summary>
    public string? Identifier { get; init; }

    public DateTimeOffset? Until { get; init; }
}

[JsonConverter(typeof(CamelCaseEnum<LedgerKind>))]
internal enum LedgerKind
{
    /// <summary>An erasure begins: from here on backups leave its keys out.</summary>
    Begin,

    /// <summary>An erasure is complete.</summary>
    Receipt,

    Hold,
    Release,
}
