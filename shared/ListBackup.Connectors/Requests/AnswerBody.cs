using System.Buffers;
using ListBackup.Connectors.Decoding;

namespace ListBackup.Connectors.Requests;

/// <summary>
/// The bytes of an answer: in a rented array, or, where there are more than are held, in a temporary file that nobody else can read and that is gone when
/// this is disposed or the process ends.
/// </summary>
internal sealed class AnswerBody : IDisposable
{
    private readonly PageBuffer? _held;
    private readonly FileStream? _file;

    public AnswerBody(PageBuffer held)
    {
        _held = held;
        Length = held.Length;
    }

    public AnswerBody(FileStream file)
    {
        _file = file;
        Length = file.Length;
    }

    public long Length { get; }

    /// <summary>True when the bytes are in memory.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>The bytes, where they are held.</summary>
    public ReadOnlyMemory<byte> Memory => _held?.Memory ?? throw new InvalidOperationException("A body in a file is read through its stream.");

    /// <summary>A stream from the first byte, with a place of its own; closing it leaves the body as it is.</summary>
    public Stream Open() => _held is not null ? new ReadOnlyMemoryStream(_held.Memory) : new FileView(_file!.SafeFileHandle, Length);

    /// <summary>True when the first bytes say in which encoding the rest is, so that it is not read as it stands.</summary>
    public bool IsMarked
    {
        get
        {
            if (_held is not null)
                return TextEncodings.IsMarked(_held.Memory.Span);

            using var stream = Open();
            Span<byte> start = stackalloc byte[3];

            return TextEncodings.IsMarked(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        }
    }

    /// <summary>True when the words stand anywhere in it.</summary>
    public bool Contains(ReadOnlySpan<byte> words)
    {
        if (_held is not null)
            return _held.Memory.Span.IndexOf(words) >= 0;

        using var stream = Open();
        var buffer = new byte[(64 * 1024) + words.Length];
        for (int kept = 0, count; (count = stream.Read(buffer.AsSpan(kept))) > 0;)
        {
            var seen = buffer.AsSpan(0, kept + count);
            if (seen.IndexOf(words) >= 0)
                return true;

            // The words may begin at the end of what was seen.
            kept = Math.Min(words.Length, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }

        return words.IsEmpty;
    }

    public static async Task<AnswerBody> ReadAsync(Stream source, long? length, BodyLimits limits, CancellationToken cancellation)
    {
        using var writer = new BodyWriter(limits);
        writer.Expect(length);
        int count;
        while ((count = await source.ReadAsync(writer.Space, cancellation)) > 0)
            writer.Advance(count);

        return writer.Finish();
    }

    public static AnswerBody Read(Stream source, BodyLimits limits)
    {
        using var writer = new BodyWriter(limits);
        int count;
        while ((count = source.Read(writer.Space.Span)) > 0)
            writer.Advance(count);

        return writer.Finish();
    }

    public void Dispose()
    {
        _held?.Dispose();
        _file?.Dispose();
    }
}

/// <summary>How much of a body is taken, and how much of it is held in memory.</summary>
/// <param name="Folder">Where temporary files go.</param>
internal sealed record BodyLimits(long BytesMax, int HeldBytesMax, string Folder, ArrayPool<byte> Pool);
