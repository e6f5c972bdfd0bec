using ListBackup.Vault.Erasing;

namespace ListBackup.Vault;

/// <summary>Erasure of persons, the ledger of it, and the legal holds that forbid it.</summary>
public sealed partial class BackupVault
{
    /// <summary>What an erasure would touch and which legal holds forbid it. Writes nothing.</summary>
    public Task<ErasurePlan> PlanErasureAsync(ErasureRequest request, CancellationToken cancellation) =>
        new Eraser(_core, request).PlanAsync(cancellation);

    /// <summary>
    /// Erases a person from every snapshot, for good: of their records only salted hashes stay, so that old state roots still prove the rest.
    /// Safe beside backups, maintenance and other erasures; after a crash the same request completes it. When it returned, no key that is
    /// left opens any copy of the contents, and backups leave the keys out should they arrive again.
    /// </summary>
    /// <exception cref="LegalHoldException">A hold forbids it. Nothing was done.</exception>
    /// <exception cref="CommitContendedException">Others were faster too often. Ask again later.</exception>
    public async Task<ErasureReceipt> EraseAsync(ErasureRequest request, CancellationToken cancellation) =>
        Eraser.ReceiptOf(await new Eraser(_core, request).EraseAsync(cancellation));

    /// <summary>Whether this record was erased, so that a restore must not bring it back.</summary>
    public async Task<bool> IsErasedAsync(string source, string stream, string key, CancellationToken cancellation) =>
        (await _core.Ledger.ReadAsync(cancellation)).KeysOf(source, stream).Contains(_core.Secrets.Stream(source, stream).HashKey(key));

    /// <summary>Whether somebody of this identifier (an e-mail address, for example) was erased. Case and surrounding space do not matter.</summary>
    public async Task<bool> IsErasedIdentifierAsync(string identifier, CancellationToken cancellation) =>
        (await _core.Ledger.ReadAsync(cancellation)).IsErasedIdentifier(_core.Secrets.HashIdentifier(identifier));

    /// <summary>Whom the ledger names as erased, for many questions.</summary>
    public async Task<ErasedRecords> ReadErasedAsync(CancellationToken cancellation) => new(_core, await _core.Ledger.ReadAsync(cancellation));

    /// <summary>Every receipt, oldest first.</summary>
    public async Task<IReadOnlyList<ErasureReceipt>> ListErasuresAsync(CancellationToken cancellation) =>
        [.. (await _core.Ledger.ReadAsync(cancellation)).Receipts.Select(Eraser.ReceiptOf)];

    /// <summary>Ids of erasures that were begun and have no receipt: whoever asked for them must ask again.</summary>
    public async Task<IReadOnlyList<string>> ListUnfinishedErasuresAsync(CancellationToken cancellation) =>
        [.. (await _core.Ledger.ReadAsync(cancellation)).Unfinished.Select(begun => begun.Entry.Request!)];

    /// <summary>Places a legal hold, or changes the one of that name. Repeating it does nothing. It does not stop an erasure that has begun.</summary>
    public Task PlaceLegalHoldAsync(LegalHold hold, CancellationToken cancellation) => new LegalHolds(_core).PlaceAsync(hold, cancellation);

    /// <summary>Releases a legal hold.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Who releases it.</param>
    /// <param name="why">Why.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>False when there is none of this name.</returns>
    public Task<bool> ReleaseLegalHoldAsync(string name, string by, string why, CancellationToken cancellation) => new LegalHolds(_core).ReleaseAsync(name, by, why, cancellation);

    /// <summary>Legal holds that are in force, by name.</summary>
    public async Task<IReadOnlyList<LegalHold>> ListLegalHoldsAsync(CancellationToken cancellation) =>
        [.. LegalHolds.ActiveIn(await _core.Ledger.ReadAsync(cancellation), _core.Options.Clock.GetUtcNow())];
}
