namespace ListBackup.Testing;

/// <summary>A real server with seeded data, run by the script of its name (scripts/ghost …) in a folder of its own and gone with it.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>Some compile a database.</summary>
    private static readonly TimeSpan s_installMax = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan s_commandMax = TimeSpan.FromMinutes(3);

    private readonly string _script;
    private readonly TempFolder _folder;

    private ScriptedServer(string script, TempFolder folder, IReadOnlyDictionary<string, string> settings)
    {
        _script = script;
        _folder = folder;
        Settings = settings;
    }

    /// <summary>What the script's start printed: URL, PID, and how to sign in.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Without a path: http://127.0.0.1:40123.</summary>
    public string Url => Settings["URL"];

    public string Folder => _folder.Path;

    /// <summary>Installs the server where it is missing. Null when it is there now, else what the installation said.</summary>
    public static async Task<string?> InstallAsync(string script)
    {
        var (exitCode, output) = await RunAsync(script, s_installMax, "install");
        return exitCode == 0 ? null : output;
    }

    /// <param name="seed">The arguments of the script's seed command after the folder.</param>
    public static async Task<ScriptedServer> StartAsync(string script, params string[] seed)
    {
        var folder = new TempFolder();
        try
        {
            var output = await RequireAsync(script, "start", folder.Path);
            var settings = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
            await RequireAsync(script, ["seed", folder.Path, .. seed]);
            return new ScriptedServer(script, folder, settings);
        }
        catch
        {
            await RunAsync(script, s_commandMax, "stop", folder.Path);
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RequireAsync(_script, "stop", _folder.Path);
        _folder.Dispose();
    }

    private static async Task<string> RequireAsync(string script, params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(script, s_commandMax, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"scripts/{script} {arguments[0]} failed:\n{output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string script, TimeSpan atMost, params string[] arguments)
    {
        await using var process = ChildProcess.Start(Path.Combine(BuildOutput.Root, "scripts", script), arguments, _ => false);
        var exitCode = await process.WaitForExitAsync(atMost);
        return (exitCode, process.Output);
    }
}
