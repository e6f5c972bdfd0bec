namespace ListBackup.Connectors;

/// <summary>Conformance data that lies outside the project: a folder named by the environment. Tests that need it skip when it is not there.</summary>
internal static class ReferenceData
{
    public static string Path(string name)
    {
        var folder = Environment.GetEnvironmentVariable("LISTBACKUP_REFERENCE");
        Assert.SkipUnless(folder is not null, "LISTBACKUP_REFERENCE names no folder with conformance data.");
        var path = System.IO.Path.Combine(folder!, name);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"{name} is not in the conformance data.");

        return path;
    }
}
