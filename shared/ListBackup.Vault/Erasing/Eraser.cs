using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Erasing;

/// <summary>
/// Erases a person (vault-format.md, "Erasure"): an entry in the ledger begins it, one commit for each source takes the contents out of
/// every snapshot, then the keys are forgotten and the caches cleared, and a receipt ends it. Each step finds what an earlier attempt has
/// done, so that after a crash the same request completes it.
/// </summary>
internal sealed class Eraser(VaultCore core, ErasureRequest request)
{
    private const int IdLengthMax = 200;

    private readonly LedgerEntry _begin = BeginOf(core, request);

    /// <summary>What would be touched. Writes nothing.</summary>
    public async Task<ErasurePlan> PlanAsync(CancellationToken cancellation)
    {
        var state = await core.Ledger.ReadAsync(cancellation);
        var streams = new List<ErasedStream>();
        foreach (var records in _begin.Records!) streams.Add(await new ErasurePlanner(core, records).PlanAsync(cancellation));
        return new ErasurePlan(streams, LegalHolds.Forbidding(state, _begin, core.Options.Clock.GetUtcNow()));
    }

    public async Task<CheckedLedgerEntry> EraseAsync(CancellationToken cancellation)
    {
        var heads = await HeadsAsync(cancellation);
        var dictionaries = await new ErasedDictionaries(core, request).SearchAsync(cancellation);
        await core.Ledger.AppendAsync(state => Begin(state, heads), cancellation);
        var ledger = await core.Ledger.ReadAsync(cancellation);
        var begin = ledger.FindBegin(request.Id)!.Entry;
        var sources = begin.Records!.GroupBy(records => records.Source, StringComparer.Ordinal)
            .ToDictionary(records => records.Key, records => new SourceErasure(core, request.Id, records.Key, [.. records], dictionaries), StringComparer.Ordinal);
        if (ledger.FindReceipt(request.Id) is { } earlier)
        {
            // A put of old keys whose reply was lost may have come after all files were deleted. Verification tells; asking again takes it away.
            foreach (var erasure in sources.Values) await erasure.ForgetAsync(cancellation);
            return earlier;
        }

        var commits = new List<CheckedManifest>();
        foreach (var (source, erasure) in sources) commits.Add(await erasure.EraseAsync(begin.Heads!.GetValueOrDefault(source), cancellation));

        foreach (var records in begin.Records!) await new ErasedCaches(core, records).ClearAsync(cancellation);
        var receipt = await core.Ledger.AppendAsync(state => state.FindReceipt(request.Id) is null ? ReceiptOf(begin, commits) : null, cancellation);
        return receipt ?? (await core.Ledger.ReadAsync(cancellation)).FindReceipt(request.Id)!;
    }

    /// <summary>A ledger entry as callers see it.</summary>
    public static ErasureReceipt ReceiptOf(CheckedLedgerEntry receipt) => new()
    {
        Request = receipt.Entry.Request!,
        Time = receipt.Entry.Time,
        Object = receipt.Name,
        Sha256 = receipt.Sha256,
        Commits = receipt.Entry.Commits ?? [],
        Streams = receipt.Entry.Streams ?? [],
    };

    private static LedgerEntry BeginOf(VaultCore core, ErasureRequest request)
    {
        if (request.Id.Length is 0 or > IdLengthMax) throw new ArgumentException($"The id of an erasure has 1 to {IdLengthMax} characters.", nameof(request));
        if (request.Records.Count + request.Identifiers.Count == 0) throw new ArgumentException("An erasure names records or identifiers.", nameof(request));
        if (request.Records.Count > ErasureRequest.RecordsMax) throw new ArgumentException($"An erasure has at most {ErasureRequest.RecordsMax} records; make several.", nameof(request));
        var records = request.Records
            .GroupBy(record => (record.Source, record.Stream))
            .OrderBy(group => group.Key.Source, StringComparer.Ordinal).ThenBy(group => group.Key.Stream, StringComparer.Ordinal)
            .Select(group => new LedgerRecords(group.Key.Source, group.Key.Stream, KeysOf(core, group.Key.Source, group.Key.Stream, group)));
        return ErasureLedger.New(LedgerKind.Begin) with
        {
            Request = request.Id,
            By = request.By,
            Reason = request.Reason,
            Records = [.. records],
            Identifiers = [.. request.Identifiers.Select(core.Secrets.HashIdentifier).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    private static List<string> KeysOf(VaultCore core, string source, string stream, IEnumerable<RecordAddress> records)
    {
        var secrets = core.Secrets.Stream(source, stream);
        // The names must be possible ones, or their objects could not be looked for.
        _ = ObjectNames.StreamKeysOf(source, stream);
        return [.. records.Select(record => secrets.HashKey(record.Key).ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private async Task<SortedDictionary<string, long>> HeadsAsync(CancellationToken cancellation)
    {
        var heads = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var source in _begin.Records!.Select(records => records.Source).Distinct(StringComparer.Ordinal))
        {
            // A first backup that is running could be neither met nor waited for; and a source that nobody knows is a slip of the pen.
            var newest = await core.Manifests.FindNewestAsync(source, cancellation) ?? throw new VaultNotFoundException($"There is no snapshot of source {source}.");
            heads[source] = newest.Manifest.Seq;
        }

        return heads;
    }

    /// <summary>The entry that begins it; null when it was begun before. Holds that came before it count, later ones come too late.</summary>
    private LedgerEntry? Begin(LedgerState state, SortedDictionary<string, long> heads)
    {
        if (state.FindBegin(request.Id) is { } begun)
        {
            if (!IsSame(begun.Entry)) throw new VaultException($"There is an erasure {request.Id} of other records already. Give this one an id of its own.");
            return null;
        }

        if (LegalHolds.Forbidding(state, _begin, core.Options.Clock.GetUtcNow()) is [var hold, ..])
            throw new LegalHoldException(hold.Name, $"The legal hold {hold.Name} forbids the erasure {request.Id}. Nothing was erased.");
        return _begin with { Heads = heads };
    }

    private bool IsSame(LedgerEntry begun) =>
        begun.Identifiers!.SequenceEqual(_begin.Identifiers!, StringComparer.Ordinal)
        && begun.Records!.Count == _begin.Records!.Count
        && begun.Records.Zip(_begin.Records).All(pair =>
            (pair.First.Source, pair.First.Stream) == (pair.Second.Source, pair.Second.Stream) && pair.First.Keys.SequenceEqual(pair.Second.Keys, StringComparer.Ordinal));

    private LedgerEntry ReceiptOf(LedgerEntry begin, IReadOnlyList<CheckedManifest> commits)
    {
        var done = commits.SelectMany(commit => commit.Manifest.Maintenance!.Erased!).ToDictionary(stream => (stream.Source, stream.Stream));
        return ErasureLedger.New(LedgerKind.Receipt) with
        {
            Request = request.Id,
            By = begin.By,
            Reason = begin.Reason,
            Records = begin.Records,
            Identifiers = begin.Identifiers,
            Commits = [.. commits.Select(commit => new ErasureCommit(commit.Manifest.Source, commit.Manifest.Seq, commit.Sha256))],
            Streams = [.. begin.Records!.Select(records => done.GetValueOrDefault((records.Source, records.Stream)) ?? ErasurePlanner.Nothing(records))],
        };
    }
}
