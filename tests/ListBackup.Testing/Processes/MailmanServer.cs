using System.Net.Http.Headers;
using System.Text;

namespace ListBackup.Testing;

/// <summary>A real GNU Mailman 3 with seeded lists, run by scripts/mailman3 in a folder of its own and gone with it.</summary>
public sealed class MailmanServer : IAsyncDisposable
{
    private static readonly TimeSpan s_installMax = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan s_commandMax = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder;

    private MailmanServer(TempFolder folder, IReadOnlyDictionary<string, string> settings)
    {
        _folder = folder;
        Url = settings["URL"];
        Username = settings["USERNAME"];
        Password = settings["PASSWORD"];
        Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(30) };
        Http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
    }

    /// <summary>Without the version: http://127.0.0.1:40123.</summary>
    public string Url { get; }

    public string Folder => _folder.Path;

    public string Username { get; }

    public string Password { get; }

    /// <summary>Signed in, for what a test does on the server itself: /3.1/members …</summary>
    public HttpClient Http { get; }

    /// <summary>Installs Mailman where it is missing. Null when it is there now, else what the installation said.</summary>
    public static async Task<string?> InstallAsync()
    {
        var (exitCode, output) = await RunAsync(s_installMax, "install");
        return exitCode == 0 ? null : output;
    }

    public static async Task<MailmanServer> StartAsync(int lists, int members)
    {
        var folder = new TempFolder();
        try
        {
            var output = await RequireAsync("start", folder.Path);
            var settings = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
            var server = new MailmanServer(folder, settings);
            await RequireAsync("seed", folder.Path, lists.ToString(), members.ToString());
            return server;
        }
        catch
        {
            await RunAsync(s_commandMax, "stop", folder.Path);
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await RequireAsync("stop", _folder.Path);
        _folder.Dispose();
    }

    private static async Task<string> RequireAsync(params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(s_commandMax, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"scripts/mailman3 {arguments[0]} failed:\n{output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(TimeSpan atMost, params string[] arguments)
    {
        await using var script = ChildProcess.Start(Path.Combine(BuildOutput.Root, "scripts", "mailman3"), arguments, _ => false);
        var exitCode = await script.WaitForExitAsync(atMost);
        return (exitCode, script.Output);
    }
}
