namespace ListBackup.Embedded;

/// <summary>
/// The data folder, held by this process alone for as long as it lives: two processes on one folder would each trust their own view of it.
/// The lock is the operating system's, so a killed process leaves none behind.
/// </summary>
public sealed class DataFolder : IDisposable
{
    internal const string DatabaseName = "listbackup.db";
    internal const string ObjectsName = "objects";

    private const string LockName = "listbackup.lock";
    private readonly FileStream _lock;

    internal static readonly string MasterKeyName = System.IO.Path.Combine("keys", "master.key");

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Items, queues and secrets.</summary>
    public string Database => System.IO.Path.Combine(Path, DatabaseName);

    /// <summary>The key of all keys. Whoever has lost it has lost every backup that is in this folder.</summary>
    public string MasterKey => System.IO.Path.Combine(Path, MasterKeyName);

    /// <summary>One folder per bucket.</summary>
    public string Objects => System.IO.Path.Combine(Path, ObjectsName);

    /// <summary>One file per e-mail message.</summary>
    public string Outbox => System.IO.Path.Combine(Path, "outbox");

    /// <exception cref="DataFolderException">It cannot be made or written, or another process holds it.</exception>
    public static DataFolder Open(string path)
    {
        try
        {
            Create(path);
            Create(System.IO.Path.Combine(path, "keys"));
            Create(System.IO.Path.Combine(path, ObjectsName));
            Create(System.IO.Path.Combine(path, "outbox"));
            Probe(path);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The data folder {path} cannot be written: {unwritable.Message} Choose another with --data, or give this user the right to write there.");
        }
        try
        {
            return new(path, new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The data folder {path} is used by another ListBackup process. Stop it, or choose another folder with --data.");
        }
    }

    public void Dispose() => _lock.Dispose();

    // It holds keys and customers' data: for this user only.
    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // Rights alone do not tell: a file system may be full or read-only.
    private static void Probe(string path)
    {
        var probe = System.IO.Path.Combine(path, $".write-probe-{Environment.ProcessId}");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
    }
}

/// <summary>The data folder cannot be used; the message is one line for the person who started the process.</summary>
public sealed class DataFolderException(string message) : Exception(message);
