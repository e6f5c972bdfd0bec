using System.Runtime.CompilerServices;

namespace ListBackup.CommandLine;

/// <summary>The lines of a stream as bytes, without their line feeds; empty lines are left out. A line is valid until the next is asked for.</summary>
internal static class Lines
{
    private const int BufferBytes = 1024 * 1024;
    private const int LineBytesMax = 64 * 1024 * 1024;

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (buffer, start, end) = (new byte[BufferBytes], 0, 0);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                if (length > 0) yield return buffer.AsMemory(start, length);
                start += length + 1;
                continue;
            }

            (buffer, start, end) = MakeRoom(buffer, start, end);
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellation);
            if (read > 0)
            {
                end += read;
                continue;
            }

            if (end > start) yield return buffer.AsMemory(start, end - start);
            yield break;
        }
    }

    private static (byte[] Buffer, int Start, int End) MakeRoom(byte[] buffer, int start, int end)
    {
        if (end - start >= LineBytesMax) throw new CommandException($"A line has more than {LineBytesMax} bytes; is this NDJSON?");
        var target = start == 0 && end == buffer.Length ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        return (target, 0, end - start);
    }
}
