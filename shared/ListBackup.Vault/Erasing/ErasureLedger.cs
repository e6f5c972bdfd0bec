using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Erasing;

/// <summary>An entry whose signature was checked, with the hash of its body.</summary>
internal sealed record CheckedLedgerEntry(LedgerEntry Entry, string Sha256)
{
    public string Name => ObjectNames.LedgerEntry(Entry.Seq);

    /// <summary>True when it follows from that entry; from null: when it is the first.</summary>
    public bool IsBehind(CheckedLedgerEntry? other) => Entry.Seq == (other?.Entry.Seq ?? 0) + 1 && Entry.Parent == other?.Sha256;
}

/// <summary>
/// The erasure ledger under e/ (vault-format.md, "The erasure ledger"): a chain that only grows. Entries never change, so what was read is
/// remembered; each read asks for what is behind it.
/// </summary>
internal sealed class ErasureLedger(VaultCore core)
{
    private const int AttemptsMax = 20;

    // Fewer entries are read one by one.
    private const int CachedFrom = 8;

    private readonly LedgerCache _cache = new(core);
    private volatile LedgerState _known = LedgerState.Empty;

    /// <summary>The ledger as it stands now. One list, and one read for each entry that is new to this process; a long ledger comes from its cache.</summary>
    public async Task<LedgerState> ReadAsync(CancellationToken cancellation)
    {
        var state = _known;
        var names = new List<string>();
        var after = state.Newest is null ? null : ObjectNames.LedgerEntry(state.Newest.Entry.Seq);
        await foreach (var head in core.Objects.ListAsync(ObjectNames.Ledger, after, cancellation)) names.Add(head.Name);
        var isLong = state.Newest is null && names.Count >= CachedFrom;
        var entries = isLong ? await _cache.ReadAsync(this, cancellation) : [];
        foreach (var entry in entries) state = state.With(entry);
        var read = new List<CheckedLedgerEntry>();
        foreach (var name in names.Where(name => ObjectNames.ParseLedgerEntry(name) is var seq && (seq == 0 || seq > entries.Count)))
        {
            var entry = await ReadAsync(name, cancellation);
            if (!entry.IsBehind(state.Newest)) throw new VaultDamagedException(name, 0, "It does not follow from the entry before it.");
            read.Add(entry);
            state = state.With(entry);
        }

        if (isLong && read.Count >= CachedFrom) await _cache.PutAsync([.. entries, .. read], cancellation);
        return _known = state;
    }

    /// <summary>
    /// Erased keys of a stream, for a backup that goes on from a manifest. Costs nothing while the manifest knows of no erasure in the
    /// stream: each one commits, so a run that has not met it yet will meet it at its own commit.
    /// </summary>
    public async Task<IReadOnlySet<Hash128>> KeysOfAsync(Manifest? manifest, string source, string stream, CancellationToken cancellation) =>
        manifest?.Forgotten?.ContainsKey(stream) == true ? (await ReadAsync(cancellation)).KeysOf(source, stream) : new HashSet<Hash128>();

    /// <summary>
    /// Adds an entry that is made from the ledger's newest state; made anew when somebody else was faster. The maker may throw, or return
    /// null when there is nothing to add any more.
    /// </summary>
    public async Task<CheckedLedgerEntry?> AppendAsync(Func<LedgerState, LedgerEntry?> make, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var state = await ReadAsync(cancellation);
            if (make(state) is not { } made) return null;
            var entry = made with
            {
                Vault = core.Secrets.Vault,
                Seq = (state.Newest?.Entry.Seq ?? 0) + 1,
                Parent = state.Newest?.Sha256,
                Attempt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                Time = core.Options.Clock.GetUtcNow(),
            };
            if (await TryPutAsync(entry, cancellation) is { } put) return put;
        }

        throw new CommitContendedException($"Others added to the erasure ledger {AttemptsMax} times meanwhile. Try again later.");
    }

    /// <summary>Reads one entry from the store.</summary>
    public async Task<CheckedLedgerEntry> ReadAsync(string name, CancellationToken cancellation)
    {
        var body = SignedDocument.Read(await core.Objects.ReadAsync(name, cancellation), core.Secrets.SigningKey, name);
        var entry = CanonicalJson.Read(body, FormatJson.Default.LedgerEntry, name);
        if (entry.Vault != core.Secrets.Vault || ObjectNames.LedgerEntry(entry.Seq) != name)
            throw new VaultDamagedException(name, 0, "It is another vault's or another entry.");
        return new CheckedLedgerEntry(entry, HashOf(body));
    }

    /// <summary>An entry to be filled in by <see cref="AppendAsync"/>.</summary>
    public static LedgerEntry New(LedgerKind kind) => new() { Vault = "", Seq = 0, Attempt = "", Time = default, Kind = kind };

    /// <summary>Null when somebody else took the number.</summary>
    private async Task<CheckedLedgerEntry?> TryPutAsync(LedgerEntry entry, CancellationToken cancellation)
    {
        var name = ObjectNames.LedgerEntry(entry.Seq);
        var body = CanonicalJson.Write(entry, FormatJson.Default.LedgerEntry);
        var document = SignedDocument.Write(body, core.Secrets.SigningKey);
        try
        {
            await core.Objects.PutAsync(name, document, PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
            // An adapter that repeats a put may meet its own.
            return (await ReadAsync(name, cancellation)) is { } standing && standing.Entry.Attempt == entry.Attempt ? standing : null;
        }

        return new CheckedLedgerEntry(entry, HashOf(body));
    }

    private static string HashOf(byte[] body) => Convert.ToHexStringLower(SHA256.HashData(body));
}
