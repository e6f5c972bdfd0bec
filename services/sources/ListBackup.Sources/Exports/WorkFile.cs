namespace ListBackup.Sources;

/// <summary>
/// A temporary file for what must be written before it can be sent. Only this user reads it, and where the system allows it has no name while it is used:
/// a killed process leaves none behind.
/// </summary>
public sealed class WorkFile : IDisposable
{
    private readonly string _path;

    private WorkFile(string path, FileStream content) => (_path, Content) = (path, content);

    public string Path => _path;

    public FileStream Content { get; }

    public static WorkFile Create(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = System.IO.Path.Combine(folder, $"listbackup-export-{Guid.CreateVersion7():n}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, new FileStream(path, options));
    }

    /// <summary>Takes the name away where an open file does not need one. Whoever needs the path opens it before.</summary>
    public void Unname()
    {
        if (!OperatingSystem.IsWindows()) File.Delete(_path);
    }

    public void Dispose()
    {
        Content.Dispose();
        File.Delete(_path);
    }
}
