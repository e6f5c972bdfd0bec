using System.Buffers;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>One JSON value a line.</summary>
internal sealed class JsonlDecoder : BodyDecoder
{
    public override PageBuffer Decode(PageBuffer body, int bytesMax) => Lines.ToArray(body, bytesMax, static (line, output) => output.Write(line));
}

/// <summary>One text a line; each becomes <c>{"record": text}</c>.</summary>
internal sealed class IterableDecoder : BodyDecoder
{
    public override PageBuffer Decode(PageBuffer body, int bytesMax) => Lines.ToArray(
        body, bytesMax, static (line, output) => ValueJson.Write(Value.Of(new ValueMap().Set("record", Value.Of(System.Text.Encoding.UTF8.GetString(line)))), output));
}

internal static class Lines
{
    public static PageBuffer ToArray(PageBuffer body, int bytesMax, Action<byte[], IBufferWriter<byte>> write)
    {
        // Room for the brackets and commas around the same lines.
        var output = new PageBuffer((int)Math.Min((bytesMax * 2L) + 1024, int.MaxValue));
        output.Write("["u8);
        var first = true;
        foreach (var range in body.Memory.Span.Split((byte)'\n'))
        {
            var line = body.Memory.Span[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            if (!first)
                output.Write(","u8);
            first = false;
            write(line.ToArray(), output);
        }

        output.Write("]"u8);

        return output;
    }
}
