using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>One JSON value a line. A line that is none cannot be a record and is counted; when the last one is none, the whole is cut off.</summary>
internal sealed class JsonlDecoder(Encoding encoding) : BodyDecoder
{
    public override Stream Open(Stream body, int bytesMax) => Lines.ToArray(TextEncodings.ToUtf8(body, encoding), bytesMax, static (line, isEnd, output) =>
    {
        if (IsValue(line))
            output.Write(line);
        else if (isEnd)
            throw new NotReadableException("its last line is cut off");
        else
            output.Write("null"u8);
    });

    private static bool IsValue(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line, ValueJson.ReaderOptions);
            reader.Read();
            reader.Skip();

            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>One text a line; each becomes <c>{"record": text}</c>.</summary>
internal sealed class IterableDecoder : BodyDecoder
{
    public override Stream Open(Stream body, int bytesMax) => Lines.ToArray(TextEncodings.ToUtf8(body, Encoding.UTF8), bytesMax, static (line, _, output) =>
    {
        if (Utf8.IsValid(line))
            ValueJson.Write(Value.Of(new ValueMap().Set("record", Value.Of(Encoding.UTF8.GetString(line)))), output);
        else
            output.Write("null"u8);
    });
}

internal static class Lines
{
    private const int ReadBytes = 64 * 1024;

    /// <param name="isEnd">True for a last line that no line break ends.</param>
    public delegate void Write(ReadOnlySpan<byte> line, bool isEnd, IBufferWriter<byte> output);

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
                Add(pending.Memory.Span, isEnd: true, output);
                output.Write("]"u8);
                return false;
            }

            var start = 0;
            for (int end; (end = pending.Memory.Span[Math.Max(start, searched)..].IndexOf((byte)'\n')) >= 0; start = end + 1)
            {
                end += Math.Max(start, searched);
                Add(pending.Memory.Span[start..end], isEnd: false, output);
            }

            pending.RemoveFirst(start);

            return true;
        }, pending);

        void Add(ReadOnlySpan<byte> line, bool isEnd, IBufferWriter<byte> output)
        {
            line = line.TrimEnd("\r"u8);
            if (line.Trim(" \t"u8).IsEmpty)
                return;
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            write(line, isEnd, output);
        }
    }
}
