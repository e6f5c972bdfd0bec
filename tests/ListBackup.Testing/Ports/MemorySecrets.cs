using System.Collections.Concurrent;
using ListBackup.Domain;

namespace ListBackup.Testing;

public sealed class MemorySecrets : ISecrets
{
    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal);

    public async Task<string?> FindAsync(string name, CancellationToken cancellation)
    {
        await Task.Yield();
        SecretRules.CheckName(name);
        return _values.GetValueOrDefault(name);
    }

    public async Task PutAsync(string name, string value, CancellationToken cancellation)
    {
        await Task.Yield();
        SecretRules.Check(name, value);
        _values[name] = value;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        await Task.Yield();
        SecretRules.CheckName(name);
        _values.TryRemove(name, out _);
    }
}
