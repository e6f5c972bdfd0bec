using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ListBackup.Embedded;

/// <summary>
/// The buckets of an installation, kept alike in another folder, with a list of hashes beside it. An object that has the size and time of its entry is taken for unchanged, as
/// objects are written once and whole.
/// </summary>
internal sealed class ObjectMirror(string from, string to, string list)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Copies what is new or changed, removes what the original no longer has, and replaces the list.</summary>
    public Mirrored Bring(CancellationToken cancellation)
    {
        var known = ReadList();
        var now = new List<CopiedObject>();
        var copied = 0L;
        foreach (var name in Files(from))
        {
            cancellation.ThrowIfCancellationRequested();
            var original = new FileInfo(Path.Combine(from, name));
            // Deleted since it was listed: then it is not part of the copy.
            if (!original.Exists) continue;
            if (known.TryGetValue(name, out var entry) && entry.Bytes == original.Length && entry.Ticks == original.LastWriteTimeUtc.Ticks && IsThere(entry))
            {
                now.Add(entry);
                continue;
            }
            if (CopyOne(name) is not { } added) continue;
            now.Add(added);
            copied++;
        }
        WriteList(now);
        return new(now.Count, now.Sum(entry => entry.Bytes), copied, Remove(now));
    }

    /// <summary>Copies everything on the list into an empty folder, and only what still has its hash; the rest is named in <paramref name="damaged"/>.</summary>
    public Mirrored BringVerified(ICollection<string> damaged, CancellationToken cancellation)
    {
        var (count, bytes) = (0L, 0L);
        foreach (var entry in ReadList().Values)
        {
            cancellation.ThrowIfCancellationRequested();
            if (CopyOne(entry.Name, entry.Sha256) is null)
            {
                damaged.Add(entry.Name);
                continue;
            }
            // So that the next copy of what was restored finds it unchanged.
            File.SetLastWriteTimeUtc(Path.Combine(to, entry.Name), new DateTime(entry.Ticks, DateTimeKind.Utc));
            count++;
            bytes += entry.Bytes;
        }
        return new(count, bytes, count, 0);
    }

    /// <summary>Compares the mirror with its list; returns how many objects it read.</summary>
    public long FindDamage(ICollection<string> damaged, CancellationToken cancellation)
    {
        var known = ReadList();
        foreach (var entry in known.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(to, entry.Name);
            if (!File.Exists(path) || HashOf(path) != entry.Sha256) damaged.Add($"objects/{entry.Name}");
        }
        return known.Count;
    }

    private static string HashOf(string path)
    {
        using var content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private bool IsThere(CopiedObject entry)
    {
        var file = new FileInfo(Path.Combine(to, entry.Name));
        return file.Exists && file.Length == entry.Bytes;
    }

    // Null: gone meanwhile, or not what the hash says.
    private CopiedObject? CopyOne(string name, string? expected = null)
    {
        var target = Path.Combine(to, name);
        try
        {
            using var original = new FileStream(Path.Combine(from, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var time = File.GetLastWriteTimeUtc(original.SafeFileHandle);
            DurableFile.CreateFolder(Path.GetDirectoryName(target)!); // Lies below the mirror's folder.
            DurableFile.CreateFolder(to);
            using var copy = DurableFile.Create(to, ownerOnly: true);
            var (bytes, sha256) = Copy(original, copy.Content);
            if (expected is not null && sha256 != expected) return null;
            copy.Publish(target, replace: true);
            return new(name, bytes, time.Ticks, sha256);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static (long Bytes, string Sha256) Copy(Stream from, Stream to)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var bytes = 0L;
        while (from.Read(buffer) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            to.Write(buffer, 0, read);
            bytes += read;
        }
        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private long Remove(IEnumerable<CopiedObject> kept)
    {
        var names = kept.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var removed = 0L;
        foreach (var name in Files(to).Where(name => !names.Contains(name)).ToList())
        {
            var path = Path.Combine(to, name);
            File.Delete(path);
            DurableFile.SyncFolder(Path.GetDirectoryName(path)!); // A file has a folder.
            removed++;
        }
        return removed;
    }

    // Names with slashes, as buckets have them. What begins with a dot is half-written.
    private static IEnumerable<string> Files(string root) => Directory.Exists(root)
        ? Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(name => name[0] != '.')
        : [];

    private Dictionary<string, CopiedObject> ReadList()
    {
        if (!File.Exists(list)) return new(StringComparer.Ordinal);
        return File.ReadLines(list).Select(line => JsonSerializer.Deserialize(line, MirrorJson.Default.CopiedObject)!).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    private void WriteList(IEnumerable<CopiedObject> entries)
    {
        using var file = DurableFile.Create(Path.GetDirectoryName(list)!, ownerOnly: true); // Lies in the copy's folder.
        foreach (var entry in entries)
        {
            file.Content.Write(JsonSerializer.SerializeToUtf8Bytes(entry, MirrorJson.Default.CopiedObject));
            file.Content.WriteByte((byte)'\n');
        }
        file.Publish(list, replace: true);
    }
}

/// <summary>An object in a copy.</summary>
/// <param name="Name">Bucket and name, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Ticks">Time of the original file, in ticks of 100 ns (UTC).</param>
/// <param name="Sha256">Its hash, lower-case hex.</param>
internal sealed record CopiedObject(string Name, long Bytes, long Ticks, string Sha256);

/// <summary>What a mirror holds now, and what the run did to it.</summary>
internal readonly record struct Mirrored(long Count, long Bytes, long Copied, long Removed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CopiedObject))]
internal sealed partial class MirrorJson : JsonSerializerContext;
