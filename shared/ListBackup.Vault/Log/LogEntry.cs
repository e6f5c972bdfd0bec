using System.Text.Json.Serialization;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Log;

/// <summary>One entry of the account's log: that a signed document of this hash exists (vault-format.md, "Log").</summary>
internal sealed record LogEntry
{
    public required LogEntryType Type { get; init; }

    /// <summary>Of a manifest.</summary>
    public string? Source { get; init; }

    /// <summary>Number of a manifest or receipt.</summary>
    public long? Seq { get; init; }

    /// <summary>Name of a report's object.</summary>
    public string? Object { get; init; }

    /// <summary>SHA-256 of the document's body, hex.</summary>
    public required string Sha256 { get; init; }

    public static LogEntry Manifest(string source, long seq, string sha256) => new() { Type = LogEntryType.Manifest, Source = source, Seq = seq, Sha256 = sha256 };

    public static LogEntry Receipt(long seq, string sha256) => new() { Type = LogEntryType.Receipt, Seq = seq, Sha256 = sha256 };

    public static LogEntry Report(string name, string sha256) => new() { Type = LogEntryType.Report, Object = name, Sha256 = sha256 };

    /// <summary>The bytes that the tree hashes.</summary>
    public byte[] Write() => CanonicalJson.Write(this, FormatJson.Default.LogEntry);
}

/// <summary>What an entry is about.</summary>
[JsonConverter(typeof(CamelCaseEnum<LogEntryType>))]
internal enum LogEntryType
{
    Manifest,
    Receipt,
    Report,
}

/// <summary>
/// <c>log/a/{first:012}.json</c>: entries that were appended together. Created only if absent, named by the number of its first entry: of racing
/// appenders one gets the place, and that decides the order for good.
/// </summary>
internal sealed record LogBatch
{
    /// <summary>More go into the next one; so whoever looks for an entry knows how far back its batch can begin.</summary>
    public const int EntriesMax = 256;

    public required string Vault { get; init; }

    /// <summary>Entries before this batch: the number of its first.</summary>
    public required long First { get; init; }

    /// <summary>The tree before this batch, as <see cref="Frontier.Hashes"/>; with the entries it tells the tree behind it.</summary>
    public required IReadOnlyList<string> Tree { get; init; }

    public required IReadOnlyList<LogEntry> Entries { get; init; }

    /// <summary>The newest logged snapshot of each source, behind this batch.</summary>
    public required SortedDictionary<string, long> Sources { get; init; }

    /// <summary>The newest logged receipt, behind this batch; 0 when there is none.</summary>
    public required long Receipts { get; init; }
}

/// <summary>Where the log ends: what the next batch needs to know. Also sealed under <c>x/log</c>, where losing it costs a list.</summary>
internal sealed record LogHead
{
    public required long Size { get; init; }
    public required IReadOnlyList<string> Tree { get; init; }
    public required SortedDictionary<string, long> Sources { get; init; }
    public required long Receipts { get; init; }

    public static LogHead Empty { get; } = new() { Size = 0, Tree = [], Sources = new SortedDictionary<string, long>(StringComparer.Ordinal), Receipts = 0 };

    /// <summary>The log behind a batch.</summary>
    public static LogHead Behind(LogBatch batch, Frontier before) => new()
    {
        Size = batch.First + batch.Entries.Count,
        Tree = batch.Entries.Aggregate(before, (tree, entry) => tree.With(LogTree.Leaf(entry.Write()))).Hashes,
        Sources = batch.Sources,
        Receipts = batch.Receipts,
    };

    /// <summary>The batch that appends these entries.</summary>
    public LogBatch Append(string vault, IReadOnlyList<LogEntry> entries)
    {
        var (sources, receipts) = (new SortedDictionary<string, long>(Sources, StringComparer.Ordinal), Receipts);
        foreach (var entry in entries)
        {
            if (entry is { Type: LogEntryType.Manifest, Source: { } source }) sources[source] = entry.Seq ?? 0;
            if (entry is { Type: LogEntryType.Receipt, Seq: { } seq }) receipts = seq;
        }

        return new LogBatch { Vault = vault, First = Size, Tree = Tree, Entries = entries, Sources = sources, Receipts = receipts };
    }
}
