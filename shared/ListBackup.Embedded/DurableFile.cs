using System.Runtime.InteropServices;

namespace ListBackup.Embedded;

/// <summary>
/// A file that appears whole or not at all, and has reached the disk when it does: written under a temporary name, synced, given its name in one step of the
/// file system, and its folder synced, for a name is content of the folder. Disposing it unpublished deletes it.
/// </summary>
internal sealed partial class DurableFile : IDisposable
{
    private const int FileExists = 17;
    private const int BufferBytes = 128 * 1024;

    private readonly string _temporary;

    private DurableFile(string temporary, FileStream content) => (_temporary, Content) = (temporary, content);

    public FileStream Content { get; }

    /// <param name="temporaryFolder">On the same file system as the name to come.</param>
    /// <param name="ownerOnly">Mode 600 from the first moment.</param>
    public static DurableFile Create(string temporaryFolder, bool ownerOnly)
    {
        var path = Path.Combine(temporaryFolder, $".{Guid.CreateVersion7():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = BufferBytes };
        if (ownerOnly && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, new FileStream(path, options));
    }

    public static void Write(string path, ReadOnlySpan<byte> content, bool replace, bool ownerOnly)
    {
        using var file = Create(Folder(path), ownerOnly);
        file.Content.Write(content);
        if (!file.Publish(path, replace)) throw new IOException($"There is a file {path} already.");
    }

    /// <summary>Copies a file to a name that is free.</summary>
    public static void Copy(string from, string path, bool ownerOnly)
    {
        using var file = Create(Folder(path), ownerOnly);
        using (var content = File.OpenRead(from)) content.CopyTo(file.Content, BufferBytes);
        if (!file.Publish(path, replace: false)) throw new IOException($"There is a file {path} already.");
    }

    /// <summary>Brings a file that somebody else wrote to the disk.</summary>
    public static void Sync(string path)
    {
        using (var content = new FileStream(path, FileMode.Open, FileAccess.ReadWrite)) content.Flush(flushToDisk: true);
        SyncFolder(Folder(path));
    }

    /// <summary>False: <paramref name="replace"/> is false and the name is taken; of several at once exactly one gets it.</summary>
    public bool Publish(string path, bool replace)
    {
        Content.Flush(flushToDisk: true);
        Content.Dispose();
        if (replace || OperatingSystem.IsWindows()) return Move(path, replace);

        // link(2) is the one call of POSIX that gives a name only if it is free. File.Move asks first and renames then, which lets two writers pass.
        if (Link(_temporary, path) == 0)
        {
            SyncFolder(Folder(path));
            return true;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw Failure($"The file {path} could not be made", error);
    }

    public void Dispose()
    {
        Content.Dispose();
        File.Delete(_temporary);
    }

    /// <summary>Makes the folder and those above it durably.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Folder(path);
        CreateFolder(parent);
        Directory.CreateDirectory(path);
        SyncFolder(parent);
    }

    /// <summary>Brings names that were given or removed in a folder to the disk. Windows has no such call; NTFS journals names.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(path, 0);
        if (descriptor < 0) throw Failure($"The folder {path} could not be opened", Marshal.GetLastPInvokeError());
        var synced = Sync(descriptor) == 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (!synced) throw Failure($"The folder {path} could not be synced", error);
    }

    private bool Move(string path, bool replace)
    {
        try
        {
            File.Move(_temporary, path, replace);
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            return false;
        }
        SyncFolder(Folder(path));
        return true;
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ArgumentException($"{path} lies in no folder.");

    // As .NET's own file calls do on Unix, the result carries the error number.
    private static IOException Failure(string what, int error) => new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}.", error);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
