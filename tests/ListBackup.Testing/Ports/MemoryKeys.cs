using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Testing;

/// <summary>A root key in memory: AES-256-GCM with the context as associated data.</summary>
public sealed class MemoryKeys : IKeys
{
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);

    public async Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation)
    {
        var plain = RandomNumberGenerator.GetBytes(32);
        return new(plain, await WrapAsync(plain, context, cancellation));
    }

    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var wrapped = new byte[12 + key.Length + 16];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, 12));
        using var aes = new AesGcm(_root, 16);
        aes.Encrypt(wrapped.AsSpan(0, 12), key.Span, wrapped.AsSpan(12, key.Length), wrapped.AsSpan(12 + key.Length), Associated(context));
        return Task.FromResult(wrapped);
    }

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (wrapped.Length < 28) throw new CryptographicException("The wrapped key is too short.");
        var plain = new byte[wrapped.Length - 28];
        using var aes = new AesGcm(_root, 16);
        aes.Decrypt(wrapped.Span[..12], wrapped.Span[12..^16], wrapped.Span[^16..], plain, Associated(context));
        return Task.FromResult(plain);
    }

    private static byte[] Associated(KeyContext context) => Encoding.UTF8.GetBytes($"{context.Purpose.Length}:{context.Purpose}{context.Owner}");
}
