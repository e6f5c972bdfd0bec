namespace Amazon.Lambda.AspNetCoreServer.Hosting.Internal;

internal static class HttpApiLimits
{
    /// <summary>Lambda's limit on the answer of a synchronous invocation, 6 MB less what its envelope needs.</summary>
    public const int AnswerBytesMax = (6 * 1024 * 1024) - (4 * 1024);
}

/// <summary>Collects a response body, but never more of it than can be sent: a download of a gigabyte must not fill the memory of a small function.</summary>
internal sealed class BoundedBody(int bytesMax) : MemoryStream
{
    public bool IsOverflown { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Fits(buffer.Length)) base.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Fits(count)) base.Write(buffer, offset, count);
    }

    public override void WriteByte(byte value)
    {
        if (Fits(1)) base.WriteByte(value);
    }

    // These two take the ways above; MemoryStream's own versions would take a shorter one around them.
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void SetLength(long value)
    {
        base.SetLength(value);
        // An error handler that starts the answer over gets the whole room again.
        if (value == 0) IsOverflown = false;
    }

    private bool Fits(int count)
    {
        if (Length + count > bytesMax) IsOverflown = true;
        return !IsOverflown;
    }
}
