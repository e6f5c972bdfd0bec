using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace ListBackup.Host.Tests;

/// <summary>The Host as a process: what a person can do wrong ends in one line and an exit code, and what they stop has stopped.</summary>
[Trait("Stage", "e2e")]
public sealed class ProcessTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_in_use_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exit, output) = await RunAsync(["--port", $"{port}", "--data", Data("a")]);

        exit.ShouldBe(1);
        OneLine(output).ShouldContain($"{port}");
    }

    [Fact]
    public async Task A_data_folder_in_use_is_one_line_and_exit_code_1()
    {
        await using var first = await HostProcess.StartAsync(Data("a"));

        var (exit, output) = await RunAsync(["--port", "0", "--data", Data("a")]);

        exit.ShouldBe(1);
        OneLine(output).ShouldContain("used by another ListBackup process");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_one_line_and_exit_code_1()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Cancellation);

        var (exit, output) = await RunAsync(["--port", "0", "--data", Path.Combine(file, "data")]);

        exit.ShouldBe(1);
        OneLine(output).ShouldContain("cannot be written");
    }

    [Fact]
    public async Task A_wrong_setting_is_one_line_and_exit_code_2()
    {
        var (exit, output) = await RunAsync(["--prot", "1"]);

        exit.ShouldBe(2);
        OneLine(output).ShouldContain("--prot");
    }

    [Fact]
    public async Task The_committed_openapi_document_is_the_one_that_this_build_serves()
    {
        var committed = await File.ReadAllTextAsync(Path.Combine(BuildOutput.Root, "docs", "openapi.json"), Cancellation);

        var (exit, output) = await RunAsync(["openapi", "--data", Data("a")]);

        exit.ShouldBe(0, output);
        if (!JsonNode.DeepEquals(JsonNode.Parse(committed), JsonNode.Parse(output)))
            throw new InvalidOperationException("docs/openapi.json is stale. Run scripts/openapi and commit what it writes.");
    }

    [Fact]
    public async Task Help_names_every_setting()
    {
        var (exit, output) = await RunAsync(["--help"]);

        exit.ShouldBe(0);
        foreach (var setting in SettingCatalogue.All.Where(s => !s.Secret)) output.ShouldContain(setting.ArgumentName);
    }

    [Fact]
    public async Task It_is_ready_soon_and_small_at_rest()
    {
        await using var host = await HostProcess.StartAsync(Data("a"));
        using var http = new HttpClient { BaseAddress = host.Address };
        (await http.GetAsync("ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var process = Process.GetProcessById(host.Id);
        process.WorkingSet64.ShouldBeLessThan(150L * 1024 * 1024);
        // 3 s is the promise on a calm machine; tests run beside each other.
        host.ReadyAfter.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task After_kill_9_it_starts_again_on_the_same_folder()
    {
        await using (var first = await HostProcess.StartAsync(Data("a")))
        {
            await first.KillAsync();
        }

        await using var second = await HostProcess.StartAsync(Data("a"));
        using var http = new HttpClient { BaseAddress = second.Address };

        (await http.GetAsync("ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.StopAsync()).ShouldBe(0);
    }

    private string Data(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;

    private async Task<(int Exit, string Output)> RunAsync(string[] arguments)
    {
        await using var child = ChildProcess.Start(BuildOutput.Program("ListBackup.Host"), arguments, _ => false, folder: _folder.Path);
        var exit = await child.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return (exit, child.Output);
    }

    private static string OneLine(string output)
    {
        output.TrimEnd().Split('\n').Length.ShouldBe(1, output);
        return output;
    }
}
