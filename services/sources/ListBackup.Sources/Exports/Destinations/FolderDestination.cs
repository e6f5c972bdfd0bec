using System.Security.Cryptography;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>A folder below the root that the installation's owner set up, and in it below the account's own: nobody names a place outside, or another account's.</summary>
public sealed class FolderDestination : IExportDestination
{
    private readonly string _root;
    private readonly string _folder;

    private FolderDestination(string root, string folder) => (_root, _folder) = (root, folder);

    public static FolderDestination Open(string root, AccountId account, string folder) =>
        new(Path.GetFullPath(root), Path.Combine(Path.GetFullPath(root), account.ToString(), folder));

    /// <summary>Relative, of plain parts: no <c>..</c>, no root, nothing that a file system reads otherwise.</summary>
    public static bool IsAllowed(string folder) => folder.Length is > 0 and <= 200 && folder.Split('/').All(IsPart);

    public static bool IsPart(string part) =>
        part.Length is > 0 and <= 100 && part[0] != '.' && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    public async Task PutAsync(string name, Stream content, ExportFile file, CancellationToken cancellation)
    {
        var path = PathOf(name);
        var partial = path + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // It lies below the root, so it has a folder.
            await using (var target = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[128 * 1024];
                for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
                {
                    hash.AppendData(buffer, 0, read);
                    await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
                if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256) throw new DestinationException($"{name} was not what the export wrote when it was laid into its folder.", isFinal: false);
                target.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DestinationException($"{name} could not be written into the folder of the export plan: {failure.Message.Replace(_root, "(export folder)", StringComparison.Ordinal)}", isFinal: failure is UnauthorizedAccessException, failure);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        try
        {
            File.Delete(path);
            var folder = Path.GetDirectoryName(path)!; // As above.
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing there.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DestinationException($"{name} could not be removed from the folder of the export plan.", isFinal: failure is UnauthorizedAccessException, failure);
        }
        return Task.CompletedTask;
    }

    /// <summary>Links in the way are refused: somebody could have laid one that leads out.</summary>
    private string PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine(_folder, name));
        if (!name.Split('/').All(IsPart) || !path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new ArgumentException($"{name} is no name in an export's folder.", nameof(name));
        for (var at = new DirectoryInfo(Path.GetDirectoryName(path)!); at is not null && at.FullName.Length > _root.Length; at = at.Parent)
        {
            if (at.LinkTarget is not null) throw new DestinationException("The folder of the export plan has a link in its path; exports do not follow links.", isFinal: true);
        }
        return path;
    }
}
