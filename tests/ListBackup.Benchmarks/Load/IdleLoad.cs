using System.Diagnostics;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Load;

/// <summary>Very many sources with a schedule, none of which is due: what the Host spends on them.</summary>
internal static class IdleLoad
{
    /// <summary>A few ticks of the scheduler and of maintenance, which come every minute.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(3);

    // An account has at most a thousand connections; its sources may share them.
    private const int PerConnection = 100;

    public static async Task RunAsync(int count)
    {
        using var folder = new TempFolder();
        await using var demo = await DemoProcess.StartAsync(contacts: 10);
        await using var host = await LoadBench.StartHostAsync(folder.Path);
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        var connection = "";
        for (var i = 0; i < count; i++)
        {
            if (i % PerConnection == 0)
                connection = (string)(await person.GetAsync(await demo.SourceAsync(person, person.AccountPath, $"Client {i}", Schedule())))["connectionId"]!;
            else
                await person.PostAsync($"{person.AccountPath}/sources", new JsonObject { ["name"] = $"Client {i}", ["connectionId"] = connection, ["schedule"] = Schedule()["schedule"]!.DeepClone() });
        }

        var (cpu, watch) = (LoadBench.Cpu(host.Id), Stopwatch.StartNew());
        await Task.Delay(Watched);
        var share = (LoadBench.Cpu(host.Id) - cpu).TotalSeconds / watch.Elapsed.TotalSeconds * 100;

        Console.WriteLine($"| {count:N0} sources at rest for {Watched.TotalMinutes:0} minutes | measured | bar |");
        Console.WriteLine("|---|---|---|");
        LoadBench.Row("CPU, % of one core", LoadBench.Number(share, "N2"), "1");
        LoadBench.Row("resident, MB", LoadBench.Number(ProcessMemory.ResidentMegabytes(host.Id), "N0"));
    }

    /// <summary>Once a week from now on.</summary>
    private static JsonObject Schedule() => new() { ["schedule"] = new JsonObject { ["everyMinutes"] = 7 * 24 * 60 } };
}
