using System.Diagnostics;
using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>The command line as a program, against a Host as a program.</summary>
[Trait("Stage", "e2e")]
public sealed class CommandLineTests
{
    private const string Password = "an uncommon sentence for tests";

    [Fact]
    public async Task The_main_job_works_from_the_command_line()
    {
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = 300 }, default);
        await using var host = await HostProcess.StartAsync(folder.Path);
        var line = new Line(folder, host.Address);

        await line.SucceedsAsync(Password, "register", "--email", "ada@example.com", "--name", "Ada");
        await line.SucceedsAsync("", "confirm", "--email", "ada@example.com", "--code", HostClient.CodeFor("ada@example.com", folder.Path));
        await line.SucceedsAsync(Password, "login", "--email", "ada@example.com");
        (await line.JsonAsync("platforms")).AsArray().Select(p => (string?)p!["id"]).ShouldContain("demo");
        var connection = await line.JsonOfAsync(DemoSource.Config(platform).ToJsonString(), "connect", "demo", "--config", "-");
        await line.SucceedsAsync("", "source", "create", "--name", "CRM", "--connection", (string)connection["id"]!, "--cron", "0 3 * * *", "--time-zone", "Europe/Berlin");

        var first = await line.JsonAsync("sync", "CRM", "--watch");
        ((string?)first["state"]).ShouldBe("succeeded");
        platform.DeleteContacts(10);
        ((string?)(await line.JsonAsync("sync", "CRM", "--watch"))["state"]).ShouldBe("succeeded");

        (await line.JsonAsync("snapshots", "CRM")).AsArray().Count.ShouldBe(2);
        var difference = (await line.JsonAsync("diff", "CRM", "1", "2")).AsArray().Single(d => (string?)d!["stream"] == "contacts")!;
        ((long?)difference["deleted"]).ShouldBe(10);
        var deleted = (await line.JsonAsync("deleted", "CRM", "contacts")).AsArray();
        deleted.Count.ShouldBe(10);
        (await line.JsonAsync("history", "CRM", "contacts", (string)deleted[0]!["key"]!)).AsArray().Count.ShouldBe(2);
        ((bool?)(await line.JsonAsync("verify", "CRM"))["verify"]!["sound"]).ShouldBe(true);
        var exported = (await line.SucceedsAsync("", "export", "CRM", "contacts", "--output", "-")).Output;
        exported.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(290);
        var restored = await line.JsonAsync("restore", "CRM", "--at", "1", "--stream", "contacts", "--yes");
        ((long?)restored["restore"]!["applied"]!["created"]).ShouldBe(10);
    }

    [Fact]
    public async Task What_goes_wrong_is_one_line_and_an_exit_code()
    {
        using var folder = new TempFolder();
        var line = new Line(folder, new Uri("http://127.0.0.1:1/"));

        await line.FailsAsync(2, "no-such-command");
        await line.FailsAsync(3, "sources");
        (await line.FailsAsync(1, "register", "--email", "a@example.com", "--name", "A")).ShouldContain("does not answer");
        await line.FailsAsync(2, "sources", "--server", "not an address");
    }

    [Fact]
    public async Task Strict_conformance_fails_for_a_warning_and_for_a_restore_that_does_not_fit()
    {
        using var folder = new TempFolder();
        var line = new Line(folder, new Uri("http://127.0.0.1:1/"));
        var connector = Directory.CreateDirectory(folder.File("connector")).FullName;
        var (manifest, restore) = (Path.Combine(connector, "manifest.yaml"), Path.Combine(connector, "restore.yaml"));
        var good = await File.ReadAllTextAsync(Path.Combine(BuildOutput.Root, "connectors", "demo", "manifest.yaml"));

        await File.WriteAllTextAsync(manifest, good);
        await File.WriteAllTextAsync(restore, "version: 1\nstreams: { lists: { find: [{ by: live_id, path: /lists }] } }");
        (await line.SucceedsAsync("", "connector", "conformance", connector, "--strict")).Output.ShouldContain("1 can be restored");

        await File.WriteAllTextAsync(manifest, good.Replace("type: CheckStream", "type: CheckStream\n  colour_of_the_sky: blue", StringComparison.Ordinal));
        (await line.SucceedsAsync("", "connector", "conformance", connector)).Output.ShouldContain("1 warnings");
        (await line.EndsAsync(4, "connector", "conformance", connector, "--strict")).ShouldContain("refused  manifest.yaml");
        (await line.FailsAsync(2, "connector", "check", manifest, "--strict")).ShouldContain("colour_of_the_sky");

        await File.WriteAllTextAsync(manifest, good);
        await File.WriteAllTextAsync(restore, "version: 1\nstreams: { lists: { findd: [] } }");
        (await line.EndsAsync(4, "connector", "conformance", connector, "--strict")).ShouldContain("'find' was probably meant");
    }

    private sealed class Line(TempFolder folder, Uri server)
    {
        private readonly string _session = folder.File("session.json");

        public Task<JsonNode> JsonAsync(params string[] arguments) => JsonOfAsync("", arguments);

        public async Task<JsonNode> JsonOfAsync(string input, params string[] arguments) =>
            JsonNode.Parse((await SucceedsAsync(input, [.. arguments, "--json"])).Output)!;

        public async Task<(int Exit, string Output, string Errors)> SucceedsAsync(string input, params string[] arguments)
        {
            var ended = await RunAsync(input, arguments);
            ended.Exit.ShouldBe(0, $"{string.Join(' ', arguments)}: {ended.Errors}{ended.Output}");
            return ended;
        }

        /// <summary>Returns the one line on standard error.</summary>
        public async Task<string> FailsAsync(int exitCode, params string[] arguments)
        {
            var ended = await RunAsync("some password", arguments);
            ended.Exit.ShouldBe(exitCode, ended.Errors);
            ended.Output.ShouldBeEmpty();
            return ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem();
        }

        /// <summary>Returns the output of a command that ran and found what is not good.</summary>
        public async Task<string> EndsAsync(int exitCode, params string[] arguments)
        {
            var ended = await RunAsync("", arguments);
            ended.Exit.ShouldBe(exitCode, ended.Errors);
            return ended.Output;
        }

        private async Task<(int Exit, string Output, string Errors)> RunAsync(string input, string[] arguments)
        {
            var start = new ProcessStartInfo(BuildOutput.Program("ListBackup.CommandLine", "listbackup"), arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                Environment = { ["LISTBACKUP_CLI_SESSION"] = _session },
            };
            if (!arguments.Contains("--server")) start.Environment["LISTBACKUP_CLI_SERVER"] = server.ToString();
            using var process = Process.Start(start)!; // Not shell execute: there is a process, or an exception.
            await process.StandardInput.WriteLineAsync(input);
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
    }
}
