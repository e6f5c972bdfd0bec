namespace ListBackup.Vault;

/// <summary>
/// Where the vault gets its account key. Wrapping and unwrapping (KMS, master key file) happen behind this port; the vault sees 32 plain
/// bytes for as long as it is open.
/// </summary>
public interface IVaultKeys
{
    /// <summary>The key that new wrappings use.</summary>
    ValueTask<AccountKey> GetCurrentAsync(CancellationToken cancellation);

    /// <summary>An earlier or the current key by its id; null when it is unknown here, for example after a completed rotation.</summary>
    ValueTask<AccountKey?> FindAsync(string id, CancellationToken cancellation);
}

/// <summary>An account's 256-bit key. Equality and text say the id only, so that the bytes do not reach a log by accident.</summary>
public sealed class AccountKey
{
    /// <summary>Length of the key.</summary>
    public const int ByteCount = 32;

    private readonly byte[] _bytes;

    /// <param name="id">A stable name of this key version, such as the KMS-wrapped key's id; stored in plain beside what it wraps.</param>
    /// <param name="bytes">32 bytes of full entropy; copied.</param>
    public AccountKey(string id, ReadOnlySpan<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (bytes.Length != ByteCount) throw new ArgumentException($"An account key has {ByteCount} bytes.", nameof(bytes));
        Id = id;
        _bytes = bytes.ToArray();
    }

    /// <summary>The key's name.</summary>
    public string Id { get; }

    /// <summary>The secret itself.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The id, never the bytes.</summary>
    public override string ToString() => $"account key {Id}";
}

/// <summary>The one account key that a process holds in memory: command line, tests, master key file.</summary>
public sealed class FixedVaultKeys(AccountKey key) : IVaultKeys
{
    /// <inheritdoc/>
    public ValueTask<AccountKey> GetCurrentAsync(CancellationToken cancellation) => ValueTask.FromResult(key);

    /// <inheritdoc/>
    public ValueTask<AccountKey?> FindAsync(string id, CancellationToken cancellation) =>
        ValueTask.FromResult(id == key.Id ? key : null);
}
