namespace ListBackup.Domain;

/// <summary>
/// The root of all keys: KMS, or the master key file. It wraps account keys and signs; key material of the root never leaves it.
/// The context is bound to the ciphertext as associated data: unwrapping under another context fails.
/// </summary>
public interface IKeys
{
    /// <summary>Makes 32 random bytes and returns them with their wrapped form.</summary>
    Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation);

    /// <exception cref="System.Security.Cryptography.CryptographicException">Wrong root, wrong context or damaged bytes.</exception>
    Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation);

    /// <summary>Wraps a key again under the newest root key, after a rotation of the root.</summary>
    Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation);
}

/// <summary>What a wrapped key is for: <c>account</c>, <c>token</c>…, and whose.</summary>
public sealed record KeyContext(string Purpose, string Owner);

public sealed record WrappedKey(byte[] Plain, byte[] Wrapped);
