using System.Buffers;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>One JSON value a line.</summary>
internal sealed class JsonlDecoder : BodyDecoder
{
    public override Stream Open(Stream body, int bytesMax) => Lines.ToArray(body, bytesMax, static (line, output) => output.Write(line));
}

/// <summary>One text a line; each becomes <c>{"record": text}</c>.</summary>
internal sealed class IterableDecoder : BodyDecoder
{
    public override Stream Open(Stream body, int bytesMax) => Lines.ToArray(
        body, bytesMax, static (line, output) => ValueJson.Write(Value.Of(new ValueMap().Set("record", Value.Of(Encoding.UTF8.GetString(line)))), output));
}

internal static class Lines
{
    private const int ReadBytes = 64 * 1024;

    public delegate void Write(ReadOnlySpan<byte> line, IBufferWriter<byte> output);

    /// <summary>A JSON list of what <paramref name="write"/> makes of each line that is not blank.</summary>
    public static Stream ToArray(Stream body, int lineBytesMax, Write write)
    {
        var pending = new PageBuffer(lineBytesMax);
        var isFirst = true;
        var isOpen = false;

        return new ProducedStream(body, output =>
        {
            if (!isOpen)
            {
                isOpen = true;
                output.Write("["u8);
            }

            var searched = pending.Length;
            var count = body.Read(pending.GetSpan(ReadBytes));
            pending.Advance(count);
            if (count == 0)
            {
                Add(pending.Memory.Span, output);
                output.Write("]"u8);
                return false;
            }

            var start = 0;
            for (int end; (end = pending.Memory.Span[Math.Max(start, searched)..].IndexOf((byte)'\n')) >= 0; start = end + 1)
            {
                end += Math.Max(start, searched);
                Add(pending.Memory.Span[start..end], output);
            }

            pending.RemoveFirst(start);

            return true;
        }, pending);

        void Add(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
        {
            line = line.Trim(" \t\r"u8);
            if (line.IsEmpty)
                return;
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            write(line, output);
        }
    }
}
