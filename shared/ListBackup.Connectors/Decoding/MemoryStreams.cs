using ListBackup.Connectors.Requests;
using Microsoft.Win32.SafeHandles;

namespace ListBackup.Connectors.Decoding;

/// <summary>A stream over memory that is not ours.</summary>
internal class ReadOnlyMemoryStream(ReadOnlyMemory<byte> memory) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => memory.Length;

    public override long Position
    {
        get => _at;
        set => _at = (int)value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, memory.Length - _at);
        memory.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _at + offset,
        _ => memory.Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream over a buffer that it owns.</summary>
internal sealed class BufferStream(PageBuffer buffer) : ReadOnlyMemoryStream(buffer.Memory)
{
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            buffer.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A file that somebody else closes, read from a place of its own.</summary>
internal sealed class FileView(SafeFileHandle file, long length) : Stream
{
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _at;
        set => _at = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(file, buffer, _at);
        _at += count;

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => _at = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _at + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
