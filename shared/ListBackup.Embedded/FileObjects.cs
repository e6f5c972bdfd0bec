using System.Runtime.CompilerServices;
using ListBackup.Vault;

namespace ListBackup.Embedded;

/// <summary>
/// Objects as files of one folder, under their own names, so that they can be found, copied and read without us. A name that is a folder of other names
/// cannot also be an object, as it can in S3; the vault never asks for that. Keep the folder on a file system that tells upper from lower case.
/// </summary>
public sealed class FileObjects(string folder, string temporaryFolder) : IObjectStore
{
    public Task<ObjectHead?> HeadAsync(string name, CancellationToken cancellation) => RunAsync(name, path => Head(name, path), cancellation);

    public async Task<byte[]> ReadAsync(string name, CancellationToken cancellation)
    {
        await using var stream = Open(name, cancellation);
        try
        {
            var content = new byte[stream.Length];
            await stream.ReadExactlyAsync(content, cancellation);
            return content;
        }
        catch (IOException failure)
        {
            throw FileFailure.Of(failure, $"read object {name}");
        }
    }

    public async Task<byte[]> ReadRangeAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        await using var stream = Open(name, cancellation);
        try
        {
            var content = new byte[Math.Clamp(stream.Length - offset, 0, length)];
            stream.Position = offset;
            await stream.ReadExactlyAsync(content, cancellation);
            return content;
        }
        catch (IOException failure)
        {
            throw FileFailure.Of(failure, $"read object {name}");
        }
    }

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) => Task.FromResult<Stream>(Open(name, cancellation));

    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) => RunAsync(name, path =>
    {
        // Only a hint that saves writing; the answer that counts is that of Publish.
        if (condition == PutCondition.CreateOnly && File.Exists(path)) throw new ObjectExistsException(name);
        DurableFile.CreateFolder(temporaryFolder);
        using var file = DurableFile.Create(temporaryFolder, ownerOnly: false);
        file.Content.Write(content.Span);
        Publish(file, name, path, condition);
        return true;
    }, cancellation);

    public async Task PutStreamAsync(string name, Stream content, CancellationToken cancellation)
    {
        var path = PathOf(name);
        cancellation.ThrowIfCancellationRequested();
        using var file = await RunAsync(name, _ =>
        {
            DurableFile.CreateFolder(temporaryFolder);
            return DurableFile.Create(temporaryFolder, ownerOnly: false);
        }, cancellation);
        await CopyAsync(name, content, file.Content, cancellation);
        await RunAsync(name, _ => { Publish(file, name, path, PutCondition.Replace); return true; }, cancellation);
    }

    public async IAsyncEnumerable<ObjectHead> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The folder that holds everything the prefix can mean.
        var parts = prefix.Split('/')[..^1];
        if (parts.Any(part => part is "" or "." or ".." || part.Contains('\\') || part.Contains('\0'))) yield break;
        var start = parts.Length == 0 ? "" : string.Join('/', parts) + "/";
        await Task.Yield();
        foreach (var (name, file) in Walk(Path.Combine(folder, Path.Combine(parts)), start, prefix, after))
        {
            cancellation.ThrowIfCancellationRequested();
            // One that was deleted meanwhile may be left out.
            if (file.Exists) yield return HeadOf(name, file);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => RunAsync(name, path =>
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        // Without it a power cut could bring a shredded key back. Emptied folders stay: removing them would race with a put beside.
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!); // A file has a folder.
        return true;
    }, cancellation);

    private FileStream Open(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            // Delete: a reader never stands in the way of a put or delete; it goes on reading what it opened.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException && !File.Exists(path))
        {
            throw new ObjectNotFoundException(name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Of(failure, $"read object {name}");
        }
    }

    private static void Publish(DurableFile file, string name, string path, PutCondition condition)
    {
        DurableFile.CreateFolder(Path.GetDirectoryName(path)!); // Lies below the bucket's folder.
        if (!file.Publish(path, replace: condition == PutCondition.Replace)) throw new ObjectExistsException(name);
    }

    // The source's failures are its own; those of our file are ours.
    private static async Task CopyAsync(string name, Stream content, FileStream file, CancellationToken cancellation)
    {
        var buffer = new byte[128 * 1024];
        while (await content.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            try
            {
                file.Write(buffer.AsSpan(0, read));
            }
            catch (IOException failure)
            {
                throw FileFailure.Of(failure, $"write object {name}");
            }
        }
    }

    // File calls block, and a sync of the disk blocks long; the caller's thread may be one that serves requests.
    private Task<T> RunAsync<T>(string name, Func<string, T> work, CancellationToken cancellation)
    {
        var path = PathOf(name);
        return Task.Run(() =>
        {
            try
            {
                return work(path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw FileFailure.Of(failure, $"reach object {name}");
            }
        }, cancellation);
    }

    private static ObjectHead? Head(string name, string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? HeadOf(name, file) : null;
    }

    private static ObjectHead HeadOf(string name, FileInfo file) => new(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));

    // Depth first in the order of whole names: a folder counts as its name with a slash, so "a-b" comes before what is in "a".
    private static IEnumerable<(string Name, FileInfo File)> Walk(string path, string start, string prefix, string? after)
    {
        var directory = new DirectoryInfo(path);
        if (!directory.Exists) yield break;
        var entries = directory.EnumerateFileSystemInfos()
            .Select(entry => (Name: start + entry.Name + (entry is DirectoryInfo ? "/" : ""), Entry: entry))
            .Where(found => MayHold(found.Name, prefix))
            .OrderBy(found => found.Name, StringComparer.Ordinal);
        foreach (var (name, entry) in entries)
        {
            if (entry is FileInfo file)
            {
                if (after is null || string.CompareOrdinal(name, after) > 0) yield return (name, file);
            }
            else if (after is null || string.CompareOrdinal(name, after) > 0 || after.StartsWith(name, StringComparison.Ordinal))
            {
                foreach (var below in Walk(entry.FullName, name, prefix, after)) yield return below;
            }
        }
    }

    private static bool MayHold(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) || (name.EndsWith('/') && prefix.StartsWith(name, StringComparison.Ordinal));

    private string PathOf(string name)
    {
        ObjectName.Check(name);
        return Path.Combine(folder, Path.Combine(name.Split('/')));
    }
}
