using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Testing;

/// <summary>A root of keys that lives as long as the test and wraps by AES-GCM.</summary>
public sealed class MemoryKeys : IKeys
{
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);

    public async Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation)
    {
        var plain = RandomNumberGenerator.GetBytes(32);
        return new([.. plain], await WrapAsync(plain, context, cancellation));
    }

    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation)
    {
        using var aes = new AesGcm(_root, 16);
        var wrapped = new byte[12 + 32 + 16];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, 12));
        aes.Encrypt(wrapped.AsSpan(0, 12), key.Span, wrapped.AsSpan(12, 32), wrapped.AsSpan(44), Bound(context));
        return Task.FromResult(wrapped);
    }

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation)
    {
        using var aes = new AesGcm(_root, 16);
        var plain = new byte[32];
        aes.Decrypt(wrapped.Span[..12], wrapped.Span[12..44], wrapped.Span[44..], plain, Bound(context));
        return Task.FromResult(plain);
    }

    private static byte[] Bound(KeyContext context) => Encoding.UTF8.GetBytes($"{context.Purpose}/{context.Owner}");
}
