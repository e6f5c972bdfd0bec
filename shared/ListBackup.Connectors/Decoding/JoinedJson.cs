using System.Buffers;

namespace ListBackup.Connectors.Decoding;

/// <summary>Several texts of JSON as one list: a list gives its items, anything else is an item. Brackets are cut off without parsing what is between.</summary>
internal sealed class JoinedJson(IEnumerator<Stream> texts)
{
    private const int ReadBytes = 64 * 1024;

    private readonly byte[] _chunk = new byte[ReadBytes];

    /// <summary>A bracket and the blanks behind it, which may be the end of the list.</summary>
    private readonly ArrayBufferWriter<byte> _held = new();
    private Stream? _text;
    private bool _isOpen;
    private bool _isStart;
    private bool _isList;
    private bool _hasItems;
    private bool _hasItemsBefore;

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <param name="source">What the texts come from; closed with the stream.</param>
    public static Stream Open(Stream source, IEnumerable<Stream> texts) => new ProducedStream(source, new JoinedJson(texts.GetEnumerator()).More);

    private bool More(IBufferWriter<byte> output)
    {
        if (!_isOpen)
        {
            _isOpen = true;
            output.Write("["u8);
        }

        if (_text is null && !NextText())
        {
            output.Write("]"u8);
            return false;
        }

        var count = _text!.Read(_chunk);
        if (count > 0)
            Take(_chunk.AsSpan(0, count), output);
        else
            EndText();

        return true;
    }

    private bool NextText()
    {
        if (!texts.MoveNext())
            return false;
        _text = texts.Current;
        (_isStart, _isList, _hasItems) = (true, false, false);
        _held.ResetWrittenCount();

        return true;
    }

    /// <summary>What is held back is the end of the list, and dropped.</summary>
    private void EndText()
    {
        _text!.Dispose();
        _text = null;
        _hasItemsBefore |= _hasItems;
    }

    private void Take(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (_isStart)
        {
            bytes = bytes.TrimStart(Blanks);
            if (bytes.IsEmpty)
                return;
            _isStart = false;
            _isList = bytes[0] == '[';
            if (_isList)
                bytes = bytes[1..];
        }

        var last = bytes.LastIndexOfAnyExcept(Blanks);
        if (last < 0 && _held.WrittenCount > 0)
        {
            _held.Write(bytes);
            return;
        }

        Write(_held.WrittenSpan, output);
        _held.ResetWrittenCount();
        var end = _isList && last >= 0 && bytes[last] == ']' ? last : bytes.Length;
        _held.Write(bytes[end..]);
        Write(bytes[..end], output);
    }

    private void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (!_hasItems)
        {
            bytes = bytes.TrimStart(Blanks);
            if (bytes.IsEmpty)
                return;
            _hasItems = true;
            if (_hasItemsBefore)
                output.Write(","u8);
        }

        output.Write(bytes);
    }
}
