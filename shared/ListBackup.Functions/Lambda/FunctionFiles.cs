namespace ListBackup.Functions;

/// <summary>Files that are packaged with a function; services/Directory.Build.props lays them beside it.</summary>
public static class FunctionFiles
{
    public static string Connectors { get; } = Path.Combine(AppContext.BaseDirectory, "connectors");
}
