namespace ListBackup.Vault.Tests.Searching;

/// <summary>Counts requests and the bytes they read.</summary>
internal sealed class CountingObjects(IObjectStore inner) : IObjectStore
{
    public int Requests { get; private set; }

    public long BytesRead { get; private set; }

    public void Reset() => (Requests, BytesRead) = (0, 0);

    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation)
    {
        Requests++;
        return inner.HeadAsync(name, cancellation);
    }

    public async Task<byte[]> ReadAsync(string name, CancellationToken cancellation) => Count(await inner.ReadAsync(name, cancellation));

    public async Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation) => Count(await inner.ReadRangeAsync(name, offset, length, cancellation));

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) => inner.OpenReadAsync(name, cancellation);

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) => inner.PutAsync(name, content, condition, cancellation);

    public Task PutStreamAsync(string name, Stream content, CancellationToken cancellation) => inner.PutStreamAsync(name, content, cancellation);

    public IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, CancellationToken cancellation)
    {
        Requests++;
        return inner.ListAsync(prefix, after, cancellation);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

    private byte[] Count(byte[] bytes)
    {
        Requests++;
        BytesRead += bytes.Length;
        return bytes;
    }
}
