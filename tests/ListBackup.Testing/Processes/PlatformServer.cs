using System.Net.Http.Headers;
using System.Text;

namespace ListBackup.Testing;

/// <summary>A real server with seeded data, run by the script of its name (scripts/mailman3 …) in a folder of its own and gone with it.</summary>
public sealed class PlatformServer : IAsyncDisposable
{
    private static readonly TimeSpan s_installMax = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan s_commandMax = TimeSpan.FromMinutes(2);

    private readonly string _script;
    private readonly TempFolder _folder;

    private PlatformServer(string script, TempFolder folder, IReadOnlyDictionary<string, string> settings)
    {
        _script = script;
        _folder = folder;
        Url = settings["URL"];
        Username = settings["USERNAME"];
        Password = settings["PASSWORD"];
        Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(30) };
        Http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
    }

    /// <summary>Without a path: http://127.0.0.1:40123.</summary>
    public string Url { get; }

    public string Folder => _folder.Path;

    public string Username { get; }

    public string Password { get; }

    /// <summary>With basic authentication, for what a test does on the server itself.</summary>
    public HttpClient Http { get; }

    /// <summary>Installs the platform where it is missing. Null when it is there now, else what the installation said.</summary>
    public static async Task<string?> InstallAsync(string script)
    {
        var (exitCode, output) = await RunAsync(script, s_installMax, "install");
        return exitCode == 0 ? null : output;
    }

    /// <param name="seed">The arguments of the script's seed command after the folder.</param>
    public static async Task<PlatformServer> StartAsync(string script, params string[] seed)
    {
        var folder = new TempFolder();
        try
        {
            var output = await RequireAsync(script, "start", folder.Path);
            var settings = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
            var server = new PlatformServer(script, folder, settings);
            await RequireAsync(script, ["seed", folder.Path, .. seed]);
            return server;
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
        Http.Dispose();
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
