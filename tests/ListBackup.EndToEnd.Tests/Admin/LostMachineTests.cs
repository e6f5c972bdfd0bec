using System.Diagnostics;
using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>The machine with the Host is gone; a copy and the master key are left.</summary>
[Trait("Stage", "e2e")]
public sealed class LostMachineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_that_was_taken_during_a_sync_and_the_key_bring_everything_back()
    {
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = 2_000 }, Cancellation);
        var (data, copy, key, elsewhere) = (folder.File("data"), folder.File("copy"), folder.File("kept.key"), folder.File("elsewhere"));
        Directory.CreateDirectory(data);
        string email, source;
        await using (var host = await HostProcess.StartAsync(data))
        {
            using var person = await HostClient.SignUpAsync(host.Address, data, "Ada");
            (email, source) = (person.Email, await DemoSource.CreateAsync(person, platform));
            var first = await person.PostAsync($"{source}/sync", new JsonObject());
            ((string?)(await DemoSource.EndOfAsync(person, $"{source}/runs/{first["id"]}"))["state"]).ShouldBe("succeeded");
            await person.PostAsync($"{source}/sync", new JsonObject());

            var (exit, printed, errors) = await RunAsync("admin", "backup", copy, "--data", data, "--json");

            exit.ShouldBe(0, errors);
            ((long?)JsonNode.Parse(printed)!["copiedObjects"]).ShouldNotBeNull().ShouldBeGreaterThan(0);
            errors.ShouldContain("master.key");
        }
        File.Move(Path.Combine(data, "keys", "master.key"), key);
        Directory.Delete(data, recursive: true);

        (await RunAsync("admin", "verify", copy)).Exit.ShouldBe(0);
        (await RunAsync("admin", "restore", copy, "--data", elsewhere)).ShouldSatisfyAllConditions(refused => refused.Exit.ShouldBe(1), refused => refused.Errors.ShouldContain("--key-file"));
        (await RunAsync("admin", "restore", copy, "--data", elsewhere, "--key-file", key)).Exit.ShouldBe(0);

        await using var back = await HostProcess.StartAsync(elsewhere);
        using var again = await HostClient.ReturnAsync(back.Address, email);
        // The sync that was under way when the copy was taken goes on by itself.
        var runs = await again.ListAsync($"{source}/runs");
        runs.Count.ShouldBe(2);
        foreach (var run in runs) ((string?)(await DemoSource.EndOfAsync(again, $"{source}/runs/{run["id"]}"))["state"]).ShouldBe("succeeded", back.Output);
        (await again.ListAsync($"{source}/snapshots")).Count.ShouldBe(2);
        var job = await again.PostAsync($"{source}/verify", new JsonObject { ["level"] = "restore" });
        ((bool?)(await DemoSource.EndOfAsync(again, $"{source}/jobs/{job["id"]}"))["verify"]!["sound"]).ShouldBe(true);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(BuildOutput.Program("ListBackup.CommandLine", "listbackup"), arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!; // Not shell execute: there is a process, or an exception.
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output, await errors);
    }
}
