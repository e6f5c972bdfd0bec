using ListBackup.Vault.Erasing;

namespace ListBackup.Vault;

/// <summary>Whom the ledger names as erased, as it stood when it was read: who must not come back. Reading it is one list; asking it costs nothing.</summary>
public sealed class ErasedRecords
{
    private readonly VaultCore _core;
    private readonly LedgerState _ledger;

    internal ErasedRecords(VaultCore core, LedgerState ledger) => (_core, _ledger) = (core, ledger);

    /// <summary>The erasure of a record; null when it was not erased. One that has begun counts, complete or not.</summary>
    public Erasure? Find(string source, string stream, string key) =>
        ErasureOf(_ledger.FindErasureOf(source, stream, _core.Secrets.Stream(source, stream).HashKey(key)));

    /// <summary>The erasure of somebody of this identifier (an e-mail address, for example); null when nobody was. Case and surrounding space do not matter.</summary>
    public Erasure? FindIdentifier(string identifier) => ErasureOf(_ledger.FindErasureOf(_core.Secrets.HashIdentifier(identifier)));

    // A begin has its request.
    private static Erasure? ErasureOf(Format.LedgerEntry? begin) => begin is null ? null : new Erasure(begin.Request!, begin.Time);
}

/// <summary>That somebody was erased.</summary>
/// <param name="Request">The caller's name for the request.</param>
/// <param name="Time">When it was begun, by the eraser's clock.</param>
public sealed record Erasure(string Request, DateTimeOffset Time);
