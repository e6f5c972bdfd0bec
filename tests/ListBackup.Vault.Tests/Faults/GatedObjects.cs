using System.Runtime.CompilerServices;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>Passes every request through one gate, which decides whether and when it takes effect.</summary>
/// <param name="inner">Where it takes effect.</param>
/// <param name="gate">Gets the request as text, for example <c>put m/s/000000000001.json</c>, and its effect.</param>
internal sealed class GatedObjects(IObjectStore inner, Func<string, Func<Task>, Task> gate) : IObjectStore
{
    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation) => AskAsync($"head {name}", () => inner.HeadAsync(name, cancellation));

    public Task<byte[]> ReadAsync(string name, CancellationToken cancellation) => AskAsync($"read {name}", () => inner.ReadAsync(name, cancellation));

    public Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation) =>
        AskAsync($"range {name}", () => inner.ReadRangeAsync(name, offset, length, cancellation));

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) => AskAsync($"open {name}", () => inner.OpenReadAsync(name, cancellation));

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        // An effect may come when the caller has used its buffer for something else.
        var copy = content.ToArray();
        return gate($"put {name}", () => inner.PutAsync(name, copy, condition, CancellationToken.None));
    }

    public async Task PutStreamAsync(string name, Stream content, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellation);
        await PutAsync(name, buffer.ToArray(), PutCondition.Replace, cancellation);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => gate($"delete {name}", () => inner.DeleteAsync(name, CancellationToken.None));

    public async IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = new List<ObjectHead>();
        await gate($"list {prefix}", async () =>
        {
            await foreach (var head in inner.ListAsync(prefix, after, cancellation)) found.Add(head);
        });
        foreach (var head in found) yield return head;
    }

    private async Task<T> AskAsync<T>(string request, Func<Task<T>> effect)
    {
        T? answer = default;
        await gate(request, async () => answer = await effect());
        return answer!;
    }
}
