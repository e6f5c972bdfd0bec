using System.Buffers;
using System.Collections.Concurrent;
using ListBackup.Vault;

namespace ListBackup.Embedded;

/// <summary>The buckets of an installation, a folder each; made at the first put.</summary>
public sealed class FileObjectStores : IObjectStores
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly string _root;
    private readonly string _temporary;
    private readonly ConcurrentDictionary<string, FileObjects> _buckets = new(StringComparer.Ordinal);

    public FileObjectStores(string root)
    {
        _root = Path.GetFullPath(root);
        // No bucket's name begins with a dot.
        _temporary = Path.Combine(_root, ".tmp");
        DurableFile.CreateFolder(_temporary);
        // What a killed process left half-written. Only one process uses the folder.
        foreach (var orphan in Directory.EnumerateFiles(_temporary)) File.Delete(orphan);
    }

    public IObjectStore Bucket(string name)
    {
        if (name.Length is < 3 or > 63 || name.AsSpan().ContainsAnyExcept(Allowed) || name[0] == '-' || name[^1] == '-')
            throw new ArgumentException("A bucket's name is 3 to 63 characters of a-z 0-9 -, starting and ending with a letter or digit.", nameof(name));
        return _buckets.GetOrAdd(name, bucket => new FileObjects(Path.Combine(_root, bucket), _temporary));
    }
}
