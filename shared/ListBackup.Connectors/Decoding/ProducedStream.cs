using System.Buffers;

namespace ListBackup.Connectors.Decoding;

/// <summary>Bytes that are made when somebody reads them. It holds one piece at a time.</summary>
/// <param name="source">What the pieces are made of; closed with this.</param>
/// <param name="held">What else goes with it.</param>
/// <param name="more">Writes the next piece, which may be empty; false when there was none left.</param>
internal sealed class ProducedStream(Stream source, Func<IBufferWriter<byte>, bool> more, IDisposable? held = null) : Stream
{
    private readonly ArrayBufferWriter<byte> _piece = new();
    private int _at;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_at == _piece.WrittenCount && !_ended)
        {
            _piece.ResetWrittenCount();
            _at = 0;
            _ended = !more(_piece);
        }

        var count = Math.Min(buffer.Length, _piece.WrittenCount - _at);
        _piece.WrittenSpan.Slice(_at, count).CopyTo(buffer);
        _at += count;

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            held?.Dispose();
        }

        base.Dispose(disposing);
    }
}
