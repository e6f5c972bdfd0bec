using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ListBackup.Vault;

namespace ListBackup.Testing;

/// <summary>An object store in memory that keeps the whole contract. Give it a limit and it runs out of space.</summary>
public sealed class MemoryObjects(TimeProvider? clock = null) : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Puts that would exceed this many bytes in total are refused as full.</summary>
    public long BytesMax { get; set; } = long.MaxValue;

    /// <summary>Names and contents as they are now; the arrays are the stored ones.</summary>
    public IReadOnlyDictionary<string, byte[]> Contents
    {
        get
        {
            lock (_lock) return _objects.ToDictionary(item => item.Key, item => item.Value.Content, StringComparer.Ordinal);
        }
    }

    /// <summary>An independent copy of the present state.</summary>
    public MemoryObjects Copy()
    {
        var copy = new MemoryObjects(_clock);
        lock (_lock)
        {
            foreach (var (name, stored) in _objects) copy._objects[name] = stored with { Content = stored.Content.ToArray() };
        }

        return copy;
    }

    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_objects.TryGetValue(name, out var stored) ? stored.Head : null);
    }

    public Task<byte[]> ReadAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(Get(name, cancellation).ToArray());

    public Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var content = Get(name, cancellation);
        if (offset >= content.Length) return Task.FromResult<byte[]>([]);
        return Task.FromResult(content.AsSpan((int)offset, (int)Math.Min(length, content.Length - offset)).ToArray());
    }

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<Stream>(new MemoryStream(Get(name, cancellation), writable: false));

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        lock (_lock)
        {
            var replaced = _objects.TryGetValue(name, out var old) ? old.Content.Length : 0;
            if (condition == PutCondition.CreateOnly && old is not null) throw new ObjectExistsException(name);
            if (_objects.Values.Sum(stored => (long)stored.Content.Length) - replaced + content.Length > BytesMax)
                throw new ObjectStoreFullException($"No space is left for {name}.");
            _objects[name] = new StoredObject(content.ToArray(), new ObjectHead(name, content.Length, _clock.GetUtcNow(), sha256));
        }

        return Task.CompletedTask;
    }

    public async Task PutStreamAsync(string name, Stream content, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellation);
        await PutAsync(name, buffer.ToArray(), PutCondition.Replace, cancellation);
    }

    public async IAsyncEnumerable<ObjectHead> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<ObjectHead> heads;
        lock (_lock)
        {
            heads = [.. _objects
                .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0)
                .Select(item => item.Value.Head with { Sha256 = null })];
        }

        foreach (var head in heads)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return head;
        }

        await Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) _objects.Remove(name);
        return Task.CompletedTask;
    }

    private byte[] Get(string name, CancellationToken cancellation)
    {
        ObjectName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock) return _objects.TryGetValue(name, out var stored) ? stored.Content : throw new ObjectNotFoundException(name);
    }

    private sealed record StoredObject(byte[] Content, ObjectHead Head);
}

/// <summary>Buckets in memory, made at first use.</summary>
public sealed class MemoryObjectStores(TimeProvider? clock = null) : IObjectStores
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemoryObjects> _buckets = new(StringComparer.Ordinal);

    public IObjectStore Bucket(string name)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(name, out var bucket)) _buckets[name] = bucket = new MemoryObjects(clock);
            return bucket;
        }
    }
}
