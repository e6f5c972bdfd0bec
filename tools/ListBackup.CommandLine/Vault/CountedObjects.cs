using System.Runtime.CompilerServices;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>Counts what a command asks of the store: what a bucket would bill. A list of up to a thousand names is one request.</summary>
internal sealed class CountedObjects(IObjectStore inner) : IObjectStore
{
    private const int NamesOfList = 1000;
    private long _reads, _puts, _lists, _heads, _deletes, _bytesRead, _bytesWritten;

    /// <summary>One line of JSON.</summary>
    public string Summary => new System.Text.Json.Nodes.JsonObject
    {
        ["requests"] = _reads + _puts + _lists + _heads + _deletes,
        ["reads"] = _reads,
        ["puts"] = _puts,
        ["lists"] = _lists,
        ["heads"] = _heads,
        ["deletes"] = _deletes,
        ["bytesRead"] = _bytesRead,
        ["bytesWritten"] = _bytesWritten,
    }.ToJsonString();

    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _heads);
        return inner.HeadAsync(name, cancellation);
    }

    public async Task<byte[]> ReadAsync(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        var bytes = await inner.ReadAsync(name, cancellation);
        Interlocked.Add(ref _bytesRead, bytes.Length);
        return bytes;
    }

    public async Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        var bytes = await inner.ReadRangeAsync(name, offset, length, cancellation);
        Interlocked.Add(ref _bytesRead, bytes.Length);
        return bytes;
    }

    public async Task<Stream> OpenReadAsync(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        var stream = await inner.OpenReadAsync(name, cancellation);
        Interlocked.Add(ref _bytesRead, stream.Length);
        return stream;
    }

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _puts);
        Interlocked.Add(ref _bytesWritten, content.Length);
        return inner.PutAsync(name, content, condition, cancellation);
    }

    public Task PutStreamAsync(string name, Stream content, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _puts);
        Interlocked.Add(ref _bytesWritten, content.Length);
        return inner.PutStreamAsync(name, content, cancellation);
    }

    public async IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Interlocked.Increment(ref _lists);
        var names = 0;
        await foreach (var head in inner.ListAsync(prefix, after, cancellation))
        {
            if (++names % NamesOfList == 0) Interlocked.Increment(ref _lists);
            yield return head;
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _deletes);
        return inner.DeleteAsync(name, cancellation);
    }
}
