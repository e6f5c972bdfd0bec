using System.Buffers.Text;

namespace ListBackup.Vault.Format;

/// <summary>Bytes that are appended to and used again. Not safe for concurrent use.</summary>
internal sealed class BlockBuffer(int capacity = 64 * 1024)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>What is written, to be changed where it lies.</summary>
    public Span<byte> Rewrite => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void AppendNumber(long number)
    {
        Utf8Formatter.TryFormat(number, Reserve(20), out var written);
        Length += written;
    }

    /// <summary>A JSON string of UTF-8 text.</summary>
    public void AppendString(ReadOnlySpan<byte> text)
    {
        Append("\""u8);
        Length += JsonEscapes.Escape(text, Reserve(text.Length * JsonEscapes.EscapedBytesMax));
        Append("\""u8);
    }

    /// <summary>Room behind what is written; <see cref="Advance"/> says how much of it was used.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;
}
