using System.Buffers;

namespace ListBackup.Connectors.Requests;

/// <summary>Bytes in a rented array, given back once. Also a writer that grows up to a limit.</summary>
internal sealed class PageBuffer(int bytesMax) : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[]? _array = [];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Memory => Array.AsMemory(0, _length);

    public void Advance(int count)
    {
        _length += count;
        if (_length > bytesMax)
            throw new TransportException(TransportFailure.TooLarge, "the answer is larger than the limit");
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));

        return Array.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { Length: > 0 } array)
            ArrayPool<byte>.Shared.Return(array);
    }

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PageBuffer), "The batch was disposed; its records are gone.");

    private void Grow(int more)
    {
        if (Array.Length - _length >= more)
            return;

        var size = Math.Max(FirstBytes, Math.Max(checked(_length + more), (int)Math.Min(Array.Length * 2L, System.Array.MaxLength)));
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Array.AsSpan(0, _length).CopyTo(larger);
        var old = Array;
        _array = larger;
        if (old.Length > 0)
            ArrayPool<byte>.Shared.Return(old);
    }
}
