using System.Security.Cryptography;
using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>Wraps keys under the master key file.</summary>
public sealed class FileKeys(MasterKeys masterKeys) : IKeys
{
    private const string Purpose = "keys";
    private const int KeyBytes = 32;

    public Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var plain = RandomNumberGenerator.GetBytes(KeyBytes);
        return Task.FromResult(new WrappedKey(plain, Wrap(plain, context)));
    }

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(masterKeys.Open(Purpose, wrapped.Span, context.Purpose, context.Owner));
    }

    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Wrap(key.Span, context));
    }

    private byte[] Wrap(ReadOnlySpan<byte> key, KeyContext context) => masterKeys.Seal(Purpose, key, context.Purpose, context.Owner);
}
