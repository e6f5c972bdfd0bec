using System.Collections.Concurrent;
using ListBackup.Domain;

namespace ListBackup.Testing;

public sealed class MemorySecrets : ISecrets
{
    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal);

    public Task<string?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult(_values.GetValueOrDefault(name));

    public Task PutAsync(string name, string value, CancellationToken cancellation)
    {
        _values[name] = value;
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        _values.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}
