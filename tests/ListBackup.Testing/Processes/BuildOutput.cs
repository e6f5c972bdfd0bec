namespace ListBackup.Testing;

/// <summary>Finds what the build made, from wherever the test program lies.</summary>
public static class BuildOutput
{
    /// <summary>The project's root: the folder of ListBackup.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A program of the solution, built the way this test is (debug or release).</summary>
    public static string Program(string project, string? name = null)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var path = Path.Combine(Root, "artifacts", "bin", project, configuration, name ?? project);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built. Build ListBackup.sln first, as scripts/test does.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ListBackup.sln"))) return folder.FullName;
        }
        throw new InvalidOperationException("This test program does not lie below the project's root.");
    }
}
