using System.Buffers;

namespace ListBackup.Connectors.Requests;

/// <summary>Bytes in a rented array, given back once. Also a writer that grows up to a limit.</summary>
internal sealed class PageBuffer(int bytesMax, ArrayPool<byte>? pool = null) : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private readonly ArrayPool<byte> _pool = pool ?? ArrayPool<byte>.Shared;
    private byte[]? _array = [];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Memory => Array.AsMemory(0, _length);

    /// <summary>Everything that a stream has; the stream stays open.</summary>
    /// <exception cref="TransportException">It has more than the limit.</exception>
    public static PageBuffer ReadWhole(Stream stream, int bytesMax, ArrayPool<byte>? pool = null)
    {
        var buffer = new PageBuffer(bytesMax, pool);
        try
        {
            int count;
            while ((count = stream.Read(buffer.GetSpan(16 * 1024))) > 0)
                buffer.Advance(count);

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public void Advance(int count)
    {
        _length += count;
        if (_length > bytesMax)
            throw new TransportException(TransportFailure.TooLarge, "the answer is larger than the limit");
    }

    /// <summary>Makes room for as much as is known to come, so that it is not copied while it grows.</summary>
    public void Expect(int bytes) => Grow(Math.Max(0, Math.Min(bytes, bytesMax) - _length));

    /// <summary>Drops the first bytes and moves the rest to the front.</summary>
    public void RemoveFirst(int count)
    {
        if (count == 0)
            return;
        Array.AsSpan(count, _length - count).CopyTo(Array);
        _length -= count;
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
            _pool.Return(array);
    }

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PageBuffer), "The batch was disposed; its records are gone.");

    private void Grow(int more)
    {
        if (Array.Length - _length >= more)
            return;

        var size = Math.Max(FirstBytes, Math.Max(checked(_length + more), (int)Math.Min(Array.Length * 2L, System.Array.MaxLength)));
        var larger = _pool.Rent(size);
        Array.AsSpan(0, _length).CopyTo(larger);
        var old = Array;
        _array = larger;
        if (old.Length > 0)
            _pool.Return(old);
    }
}
