using System.Collections.Immutable;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Erasing;

/// <summary>What the ledger says up to an entry. Immutable.</summary>
internal sealed class LedgerState
{
    private readonly ImmutableDictionary<(string Source, string Stream), ImmutableHashSet<Hash128>> _keys;
    private readonly ImmutableHashSet<string> _identifiers;
    private readonly ImmutableSortedDictionary<string, LedgerEntry> _holds;
    private readonly ImmutableDictionary<string, CheckedLedgerEntry> _begun;
    private readonly ImmutableDictionary<string, CheckedLedgerEntry> _receipts;

    private LedgerState(
        CheckedLedgerEntry? newest,
        ImmutableDictionary<(string Source, string Stream), ImmutableHashSet<Hash128>> keys,
        ImmutableHashSet<string> identifiers,
        ImmutableSortedDictionary<string, LedgerEntry> holds,
        ImmutableDictionary<string, CheckedLedgerEntry> begun,
        ImmutableDictionary<string, CheckedLedgerEntry> receipts) =>
        (Newest, _keys, _identifiers, _holds, _begun, _receipts) = (newest, keys, identifiers, holds, begun, receipts);

    public static LedgerState Empty { get; } = new(
        null,
        ImmutableDictionary<(string, string), ImmutableHashSet<Hash128>>.Empty,
        [],
        ImmutableSortedDictionary.Create<string, LedgerEntry>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, CheckedLedgerEntry>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, CheckedLedgerEntry>(StringComparer.Ordinal));

    /// <summary>The last entry; null when there is none.</summary>
    public CheckedLedgerEntry? Newest { get; }

    /// <summary>Holds that are placed and not released, by name; some may have ended by themselves.</summary>
    public IReadOnlyDictionary<string, LedgerEntry> Holds => _holds;

    /// <summary>Requests that were begun and have no receipt.</summary>
    public IEnumerable<CheckedLedgerEntry> Unfinished => _begun.Values.Where(begun => !_receipts.ContainsKey(begun.Entry.Request!)).OrderBy(begun => begun.Entry.Seq);

    /// <summary>Every receipt, oldest first.</summary>
    public IEnumerable<CheckedLedgerEntry> Receipts => _receipts.Values.OrderBy(receipt => receipt.Entry.Seq);

    /// <summary>Erased keys of a stream.</summary>
    public IReadOnlySet<Hash128> KeysOf(string source, string stream) => _keys.GetValueOrDefault((source, stream), []);

    /// <summary>The newest erasure that names a record; null when none does.</summary>
    public LedgerEntry? FindErasureOf(string source, string stream, Hash128 key) => !KeysOf(source, stream).Contains(key)
        ? null
        : Begun(entry => (entry.Records ?? []).Any(records => records.Source == source && records.Stream == stream && records.Keys.Any(text => Hash128.Parse(text) == key)));

    /// <summary>The newest erasure that names an identifier; null when none does.</summary>
    public LedgerEntry? FindErasureOf(string hmac) => !IsErasedIdentifier(hmac) ? null : Begun(entry => (entry.Identifiers ?? []).Contains(hmac));

    private LedgerEntry? Begun(Func<LedgerEntry, bool> names) => _begun.Values.Select(begun => begun.Entry).Where(names).MaxBy(entry => entry.Seq);

    public bool IsErasedIdentifier(string hmac) => _identifiers.Contains(hmac);

    public CheckedLedgerEntry? FindBegin(string request) => _begun.GetValueOrDefault(request);

    public CheckedLedgerEntry? FindReceipt(string request) => _receipts.GetValueOrDefault(request);

    public LedgerState With(CheckedLedgerEntry added)
    {
        var entry = added.Entry;
        return entry.Kind switch
        {
            LedgerKind.Begin => new LedgerState(added, KeysWith(entry), _identifiers.Union(entry.Identifiers ?? []), _holds, _begun.SetItem(entry.Request!, added), _receipts),
            LedgerKind.Receipt => new LedgerState(added, _keys, _identifiers, _holds, _begun, _receipts.SetItem(entry.Request!, added)),
            LedgerKind.Hold => new LedgerState(added, _keys, _identifiers, _holds.SetItem(entry.Hold!.Name, entry), _begun, _receipts),
            _ => new LedgerState(added, _keys, _identifiers, _holds.Remove(entry.Hold!.Name), _begun, _receipts),
        };
    }

    private ImmutableDictionary<(string Source, string Stream), ImmutableHashSet<Hash128>> KeysWith(LedgerEntry begin)
    {
        var keys = _keys;
        foreach (var records in begin.Records ?? [])
            keys = keys.SetItem((records.Source, records.Stream), keys.GetValueOrDefault((records.Source, records.Stream), []).Union(records.Keys.Select(Hash128.Parse)));
        return keys;
    }
}
