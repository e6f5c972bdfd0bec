using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Log;

/// <summary>
/// The account's log: an append-only list of the hashes of all signed documents (vault-format.md, "Log"). It is written behind the facts, never
/// before them: a commit counts whether or not it is logged, and whoever comes next logs what is missing.
/// </summary>
internal sealed class AccountLog(VaultCore core)
{
    private const string HeadPurpose = "log head";

    // Each lost race is somebody else's success; more in a row come from a fault.
    private const int AttemptsMax = 50;

    // Finding the log's end costs a process that does not know it two requests, so it logs three commits at a time: the manifest and its parent name the hashes.
    private const int CommitsTogether = 3;

    // A commit catches up with what a crash or two have left; a longer lag is left to verification, which reads all manifests anyway.
    private const int LagMax = 2 * CommitsTogether;

    private volatile LogHead? _head;

    /// <summary>
    /// Logs a commit and the few before it that are not logged yet: every time where the log's end is known, every third time where it has to be
    /// found. At most two requests are lost when the store refuses.
    /// </summary>
    public async Task TryAppendAsync(CheckedManifest committed, CancellationToken cancellation)
    {
        var isItsTurn = committed.Manifest.Seq is 1 || committed.Manifest.Seq % CommitsTogether == 0 || committed.Manifest.Maintenance is not null;
        if (_head is null && !isItsTurn) return;
        try
        {
            await AppendAsync(head => EntriesOfAsync(head, committed, cancellation), isItsTurn ? AttemptsMax : 1, cancellation);
        }
        catch (Exception exception) when (exception is ObjectStoreException or VaultException)
        {
            // The snapshot is committed, and nothing here may change that. The log lags until somebody catches up.
            _head = null;
        }
    }

    /// <summary>Appends what is made of the log's end; made again when somebody else was quicker.</summary>
    /// <returns>The end of the log then.</returns>
    public Task<LogHead> AppendAsync(Func<LogHead, Task<IReadOnlyList<LogEntry>>> make, CancellationToken cancellation) => AppendAsync(make, AttemptsMax, cancellation);

    private async Task<LogHead> AppendAsync(Func<LogHead, Task<IReadOnlyList<LogEntry>>> make, int attemptsMax, CancellationToken cancellation)
    {
        var head = _head ?? await TryReadHintAsync(cancellation) ?? await ReadEndAsync(null, cancellation);
        for (var attempt = 1; attempt <= attemptsMax; attempt++)
        {
            var entries = await make(head);
            if (entries.Count == 0) return _head = head;
            var batch = head.Append(core.Secrets.Vault, [.. entries.Take(LogBatch.EntriesMax)]);
            try
            {
                var document = SignedDocument.Write(CanonicalJson.Write(batch, FormatJson.Default.LogBatch), core.Secrets.SigningKey);
                await core.Objects.PutAsync(LogNames.Batch(head.Size), document, PutCondition.CreateOnly, cancellation);
            }
            catch (ObjectExistsException) when (attempt < attemptsMax)
            {
                // Somebody else's, or our own before a lost reply: what stands there tells.
                head = await ReadEndAsync(head, cancellation);
                continue;
            }

            _head = head = LogHead.Behind(batch, FrontierOf(head));
            if (entries.Count <= LogBatch.EntriesMax)
            {
                await core.Objects.PutAsync(LogNames.Hint, Sealed.Write(core.Secrets.Cache, HeadPurpose, CanonicalJson.Write(head, FormatJson.Default.LogHead)), PutCondition.Replace, cancellation);
                return head;
            }

            // The rest is made anew, of the log as it is now.
            attempt = 0;
        }

        throw new CommitContendedException($"Appending to the log was overtaken {attemptsMax} times. What was to be logged stands; the next verification logs it.");
    }

    /// <summary>Appends one entry.</summary>
    public Task AppendOnceAsync(LogEntry entry, CancellationToken cancellation) => AppendAsync(_ => Task.FromResult<IReadOnlyList<LogEntry>>([entry]), cancellation);

    /// <summary>Logs every manifest and receipt that is not logged yet. Looks at the batches themselves, not at what is remembered of them.</summary>
    /// <exception cref="VaultDamagedException">The batches end before what is remembered.</exception>
    public async Task<LogHead> CatchUpAsync(CancellationToken cancellation)
    {
        // First what is remembered, then the batches: the other way round a racing appender would look like a loss.
        var remembered = _head ?? await TryReadHintAsync(cancellation);
        var end = await ReadEndAsync(null, cancellation);
        // What is remembered stays: whoever appends behind it leaves a gap that tells, instead of a new log that does not.
        if (remembered is not null && remembered.Size > end.Size) throw new VaultDamagedException(LogNames.Batches, 0, LostMessage(remembered.Size, end.Size));
        _head = end;
        return await AppendAsync(head => MissingAsync(head, cancellation), cancellation);
    }

    /// <summary>How many entries the sealed note of the log's end under <c>x/</c> knows; null when there is none that opens. An older one is no damage: anyone may delete caches.</summary>
    public async Task<long?> TryReadRememberedSizeAsync(CancellationToken cancellation) => (await TryReadHintAsync(cancellation))?.Size;

    /// <summary>What to say of a log that is shorter than it was.</summary>
    public static string LostMessage(long remembered, long size) =>
        $"The log had {remembered} entries and has {size}: its newest batches are lost. Bring log/ back from a copy; or delete {LogNames.Hint} to begin a new log, which everybody notices who keeps a checkpoint.";

    /// <summary>Reads a batch; its signature and name are right, what it says of the tree before it is the caller's to check.</summary>
    /// <exception cref="VaultDamagedException">It is damaged or another.</exception>
    public async Task<(LogBatch Batch, Frontier Before)> ReadBatchAsync(string name, CancellationToken cancellation)
    {
        var body = SignedDocument.Read(await core.Objects.ReadAsync(name, cancellation), core.Secrets.SigningKey, name);
        var batch = CanonicalJson.Read(body, FormatJson.Default.LogBatch, name);
        if (batch.Vault != core.Secrets.Vault || LogNames.Batch(batch.First) != name || batch.Entries.Count is 0 or > LogBatch.EntriesMax)
            throw new VaultDamagedException(name, 0, "It is another batch of the log.");
        return (batch, Frontier.TryRead(batch.First, batch.Tree) ?? throw new VaultDamagedException(name, 0, "It names no tree of its size."));
    }

    private async Task<IReadOnlyList<LogEntry>> EntriesOfAsync(LogHead head, CheckedManifest committed, CancellationToken cancellation)
    {
        var (source, seq) = (committed.Manifest.Source, committed.Manifest.Seq);
        var logged = head.Sources.GetValueOrDefault(source);
        if (logged >= seq || seq - logged > LagMax) return [];
        var entries = new List<LogEntry> { LogEntry.Manifest(source, seq, committed.Sha256) };
        // Backwards: each manifest names the hash of the one before it, and the parent is in memory.
        for (var (missing, hash) = (seq - 1, committed.Manifest.Parent); missing > logged; missing--)
        {
            entries.Insert(0, LogEntry.Manifest(source, missing, hash!));
            if (missing - 1 > logged) hash = (await core.Manifests.GetAsync(source, missing, cancellation)).Manifest.Parent;
        }

        return entries;
    }

    private async Task<IReadOnlyList<LogEntry>> MissingAsync(LogHead head, CancellationToken cancellation)
    {
        var (missing, expected) = (new List<LogEntry>(), new Dictionary<string, long>(StringComparer.Ordinal));
        await foreach (var name in core.Objects.ListAsync(ObjectNames.Manifests, after: null, cancellation))
        {
            // One more than fits tells that there is a rest.
            if (missing.Count > LogBatch.EntriesMax) return missing;
            if (ObjectNames.ParseManifest(name.Name) is not { } parsed || parsed.Seq != expected.GetValueOrDefault(parsed.Source, head.Sources.GetValueOrDefault(parsed.Source) + 1)) continue;
            missing.Add(LogEntry.Manifest(parsed.Source, parsed.Seq, await HashOfAsync(parsed.Source, parsed.Seq, cancellation)));
            expected[parsed.Source] = parsed.Seq + 1;
        }

        var receipt = head.Receipts + 1;
        await foreach (var name in core.Objects.ListAsync(ObjectNames.Ledger, head.Receipts == 0 ? null : ObjectNames.LedgerEntry(head.Receipts), cancellation))
        {
            if (missing.Count > LogBatch.EntriesMax || name.Name != ObjectNames.LedgerEntry(receipt)) return missing;
            var body = SignedDocument.Read(await core.Objects.ReadAsync(name.Name, cancellation), core.Secrets.SigningKey, name.Name);
            missing.Add(LogEntry.Receipt(receipt++, Convert.ToHexStringLower(SHA256.HashData(body))));
        }

        return missing;
    }

    private async Task<string> HashOfAsync(string source, long seq, CancellationToken cancellation)
    {
        var (manifest, stub) = await core.Manifests.ReadAnyAsync(source, seq, cancellation);
        return manifest?.Sha256 ?? stub!.Stub.Sha256;
    }

    /// <summary>The log's end as the store has it, sought from a known size on.</summary>
    private async Task<LogHead> ReadEndAsync(LogHead? known, CancellationToken cancellation)
    {
        string? newest = null;
        var after = known is null or { Size: 0 } ? await AfterCheckpointAsync(cancellation) : LogNames.Batch(known.Size - 1);
        await foreach (var head in core.Objects.ListAsync(LogNames.Batches, after, cancellation)) newest = head.Name;
        if (newest is null && after is not null) await foreach (var head in core.Objects.ListAsync(LogNames.Batches, after: null, cancellation)) newest = head.Name;
        if (newest is null) return LogHead.Empty;
        var (batch, before) = await ReadBatchAsync(newest, cancellation);
        return LogHead.Behind(batch, before);
    }

    /// <summary>A name before the last batch that the checkpoint knows: most of a long log need not be listed.</summary>
    private async Task<string?> AfterCheckpointAsync(CancellationToken cancellation)
    {
        try
        {
            var checkpoint = Checkpoint.Read(await core.Objects.ReadAsync(LogNames.Checkpoint, cancellation), core.Secrets.Vault, core.Secrets.SigningKey, LogNames.Checkpoint);
            return checkpoint.Size > LogBatch.EntriesMax ? LogNames.Batch(checkpoint.Size - LogBatch.EntriesMax - 1) : null;
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or VaultDamagedException)
        {
            return null;
        }
    }

    private async Task<LogHead?> TryReadHintAsync(CancellationToken cancellation)
    {
        try
        {
            var box = await core.Objects.ReadAsync(LogNames.Hint, cancellation);
            var head = CanonicalJson.Read(Sealed.Read(core.Secrets.Cache, HeadPurpose, box), FormatJson.Default.LogHead, LogNames.Hint);
            return Frontier.TryRead(head.Size, head.Tree) is null ? null : head;
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or CryptographicException or VaultDamagedException)
        {
            return null;
        }
    }

    private static Frontier FrontierOf(LogHead head) =>
        Frontier.TryRead(head.Size, head.Tree) ?? throw new System.Diagnostics.UnreachableException("It was checked when it was read.");
}
