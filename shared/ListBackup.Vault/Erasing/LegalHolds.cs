using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Erasing;

/// <summary>Legal holds on records and persons: entries of the ledger, so that a hold and an erasure cannot pass each other unseen.</summary>
internal sealed class LegalHolds(VaultCore core)
{
    private const int TextLengthMax = 200;

    public async Task PlaceAsync(LegalHold hold, CancellationToken cancellation)
    {
        CheckName(hold.Name);
        if (hold.Stream is not null && hold.Source is null) throw new ArgumentException("A hold on a stream names its source.", nameof(hold));
        if (hold.Key is not null && hold.Stream is null) throw new ArgumentException("A hold on a record names its source and stream.", nameof(hold));
        var entry = ErasureLedger.New(LedgerKind.Hold) with { By = hold.By, Reason = hold.Why, Hold = EntryOf(hold) };
        await core.Ledger.AppendAsync(
            state => state.Holds.TryGetValue(hold.Name, out var standing) && standing.Hold == entry.Hold ? null : entry, cancellation);
    }

    public async Task<bool> ReleaseAsync(string name, string by, string why, CancellationToken cancellation)
    {
        CheckName(name);
        var entry = ErasureLedger.New(LedgerKind.Release) with { By = by, Reason = why, Hold = new LedgerHold { Name = name } };
        return await core.Ledger.AppendAsync(state => state.Holds.ContainsKey(name) ? entry : null, cancellation) is not null;
    }

    /// <summary>Holds that have not ended.</summary>
    public static IEnumerable<LegalHold> ActiveIn(LedgerState state, DateTimeOffset now) =>
        state.Holds.Values.Where(entry => entry.Hold!.Until is not { } until || until > now).Select(HoldOf);

    /// <summary>Those that forbid to erase these.</summary>
    public static IReadOnlyList<LegalHold> Forbidding(LedgerState state, LedgerEntry begin, DateTimeOffset now) =>
        [.. state.Holds.Values
            .Where(entry => entry.Hold!.Until is not { } until || until > now)
            .Where(entry => Matches(entry.Hold!, begin))
            .Select(HoldOf)];

    private static bool Matches(LedgerHold hold, LedgerEntry begin)
    {
        if (hold.Identifier is not null && !(begin.Identifiers ?? []).Contains(hold.Identifier, StringComparer.Ordinal)) return false;
        return hold.Source is null || (begin.Records ?? []).Any(records =>
            records.Source == hold.Source && (hold.Stream is null || records.Stream == hold.Stream)
            && (hold.Key is null || records.Keys.Contains(hold.Key, StringComparer.Ordinal)));
    }

    private LedgerHold EntryOf(LegalHold hold) => new()
    {
        Name = hold.Name,
        Source = hold.Source,
        Stream = hold.Stream,
        Key = hold.Key is null ? null : core.Secrets.Stream(hold.Source!, hold.Stream!).HashKey(hold.Key).ToString(),
        Identifier = hold.Identifier is null ? null : core.Secrets.HashIdentifier(hold.Identifier),
        Until = hold.Until,
    };

    private static LegalHold HoldOf(LedgerEntry entry) => new()
    {
        Name = entry.Hold!.Name,
        By = entry.By ?? "",
        Why = entry.Reason ?? "",
        Until = entry.Hold.Until,
        Source = entry.Hold.Source,
        Stream = entry.Hold.Stream,
        Scope = entry.Hold switch
        {
            { Identifier: not null } => LegalHoldScope.Person,
            { Key: not null } => LegalHoldScope.Record,
            { Stream: not null } => LegalHoldScope.Stream,
            { Source: not null } => LegalHoldScope.Source,
            _ => LegalHoldScope.Vault,
        },
    };

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > TextLengthMax) throw new ArgumentException($"A hold's name has 1 to {TextLengthMax} characters.", nameof(name));
    }
}
