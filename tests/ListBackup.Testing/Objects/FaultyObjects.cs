using System.Runtime.CompilerServices;
using ListBackup.Vault;

namespace ListBackup.Testing;

/// <summary>When the failing request fails.</summary>
public enum FaultTime
{
    /// <summary>The request never arrived.</summary>
    BeforeEffect,

    /// <summary>It took effect and the answer was lost.</summary>
    AfterEffect,
}

/// <summary>
/// Counts the requests to a store and fails exactly the ones it is told to, so that a test can enumerate every single fault.
/// A list counts as one request.
/// </summary>
public sealed class FaultyObjects(IObjectStore inner) : IObjectStore
{
    private readonly Dictionary<long, Fault> _faults = [];
    private readonly List<string> _requests = [];
    private readonly Lock _lock = new();
    private long _requestCount;

    /// <summary>Requests so far.</summary>
    public long RequestCount => Interlocked.Read(ref _requestCount);

    /// <summary>What was asked so far, for example <c>put m/s/000000000001.json</c>.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock) return [.. _requests];
        }
    }

    /// <summary>From the first fault on, everything fails: the process lost its network for good.</summary>
    public bool IsLasting { get; init; }

    /// <summary>Called before each request with its number and text; for tests that act in the middle, such as cancelling or racing.</summary>
    public Func<long, string, Task>? OnRequest { get; set; }

    /// <summary>Fails the n-th request, counted from 1.</summary>
    public FaultyObjects FailAt(long number, FaultTime time, Func<Exception>? exception = null)
    {
        _faults[number] = new Fault(time, exception ?? (() => new ObjectStoreUnavailableException($"Request {number} fails by order of the test.")));
        return this;
    }

    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation) =>
        DoAsync($"head {name}", () => inner.HeadAsync(name, cancellation));

    public Task<byte[]> ReadAsync(string name, CancellationToken cancellation) =>
        DoAsync($"read {name}", () => inner.ReadAsync(name, cancellation));

    public Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation) =>
        DoAsync($"range {name}", () => inner.ReadRangeAsync(name, offset, length, cancellation));

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) =>
        DoAsync($"open {name}", () => inner.OpenReadAsync(name, cancellation));

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
        DoAsync($"put {name}", async () => { await inner.PutAsync(name, content, condition, cancellation); return true; });

    public Task PutStreamAsync(string name, Stream content, CancellationToken cancellation) =>
        DoAsync($"put {name}", async () => { await inner.PutStreamAsync(name, content, cancellation); return true; });

    public Task DeleteAsync(string name, CancellationToken cancellation) =>
        DoAsync($"delete {name}", async () => { await inner.DeleteAsync(name, cancellation); return true; });

    public async IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var heads = await DoAsync($"list {prefix}", async () =>
        {
            var found = new List<ObjectHead>();
            await foreach (var head in inner.ListAsync(prefix, after, cancellation)) found.Add(head);
            return found;
        });
        foreach (var head in heads) yield return head;
    }

    private async Task<T> DoAsync<T>(string request, Func<Task<T>> effect)
    {
        var number = Interlocked.Increment(ref _requestCount);
        lock (_lock) _requests.Add(request);
        if (OnRequest is not null) await OnRequest(number, request);
        var fault = FindFault(number);
        if (fault?.Time == FaultTime.BeforeEffect) throw fault.Exception();
        var result = await effect();
        if (fault?.Time == FaultTime.AfterEffect) throw fault.Exception();
        return result;
    }

    private Fault? FindFault(long number)
    {
        if (_faults.TryGetValue(number, out var fault)) return fault;
        if (!IsLasting) return null;
        var earlier = _faults.Where(item => item.Key < number).Select(item => item.Value).FirstOrDefault();
        return earlier is null ? null : earlier with { Time = FaultTime.BeforeEffect };
    }

    private sealed record Fault(FaultTime Time, Func<Exception> Exception);
}
