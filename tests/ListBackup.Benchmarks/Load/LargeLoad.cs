using System.Diagnostics;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Load;

/// <summary>One source with very many records on a platform that answers at once: the first sync, one that reads everything again and finds nothing changed, and one by cursor.</summary>
internal static class LargeLoad
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(int records)
    {
        using var folder = new TempFolder();
        // The platform has rendered every record before, so that its work is not measured.
        await using var demo = await DemoProcess.StartAsync(records, "--contacts-only");
        await using var host = await LoadBench.StartHostAsync(folder.Path);
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        var source = await demo.SourceAsync(person, person.AccountPath, "Large", new() { ["streams"] = new JsonArray(new JsonObject { ["name"] = "contacts" }) });
        await RenderAsync(demo);

        Console.WriteLine($"| one source of {records:N0} records | s | Host's CPU s | peak MB | bar, s |");
        Console.WriteLine("|---|---|---|---|---|");
        await SyncAsync("first sync", new(), 60);
        await SyncAsync("everything again, unchanged", new() { ["fullSweep"] = true }, 20);
        await SyncAsync("by cursor, unchanged", new(), 20);

        async Task SyncAsync(string what, JsonObject asked, int bar)
        {
            ProcessMemory.ForgetPeak(host.Id);
            var (cpu, watch) = (LoadBench.Cpu(host.Id), Stopwatch.StartNew());
            var run = await person.PostAsync($"{source}/sync", asked);
            run = await LoadBench.EndOfAsync(person, $"{source}/runs/{run["id"]}", Poll);
            Console.WriteLine($"| {what} | {LoadBench.Number(watch.Elapsed.TotalSeconds)} | {LoadBench.Number((LoadBench.Cpu(host.Id) - cpu).TotalSeconds)} | {LoadBench.Number(ProcessMemory.PeakMegabytes(host.Id), "N0")} | {bar} |");
            var stream = (await person.GetAsync($"{source}/snapshots/{run["snapshotSeq"]}"))["streams"]![0]!;
            if ((string?)stream["certificate"]?["coverage"] != "proven" && asked.Count > 0) throw new InvalidOperationException($"Not proven: {stream.ToJsonString()}");
        }
    }

    private static async Task RenderAsync(DemoProcess demo)
    {
        using var http = new HttpClient { BaseAddress = new(demo.Url), Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "demo-key");
        for (var path = "/api/v1/contacts?limit=200"; path is not null;)
        {
            var page = JsonNode.Parse(await http.GetByteArrayAsync(path))!;
            path = (string?)page["next_cursor"] is { } cursor ? $"/api/v1/contacts?limit=200&cursor={Uri.EscapeDataString(cursor)}" : null;
        }
    }
}
