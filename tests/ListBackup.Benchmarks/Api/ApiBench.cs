using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks;

/// <summary>The API under 500 requests per second on a tree of 1,000 accounts: the bar is a 99th percentile of 25 ms.</summary>
internal static class ApiBench
{
    private const int Accounts = 1000;
    private const int PerSecond = 500;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    public static async Task RunAsync()
    {
        using var folder = new TempFolder();
        await using var host = await HostProcess.StartAsync(folder.Path, "--rate-limit-per-second", "100000", "--rate-limit-burst", "100000");
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Bench");
        var paths = Requests(await GrowTreeAsync(person), person);

        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Authorization = person.Http.DefaultRequestHeaders.Authorization;
        await OpenLoop.RunAsync(PerSecond, WarmUp, i => SendAsync(http, paths[i % paths.Count]));
        var latencies = await OpenLoop.RunAsync(PerSecond, Duration, i => SendAsync(http, paths[i % paths.Count]));

        Console.WriteLine($"| {PerSecond} requests/s for {Duration.TotalSeconds:0} s, {Accounts} accounts | p50 | p90 | p99 | p99.9 | max | reached |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        Console.WriteLine($"| API latency, ms | {string.Join(" | ", new[] { 50, 90, 99, 99.9, 100 }.Select(p => $"{latencies.Percentile(p):0.0}"))} | {latencies.PerSecond:0}/s |");
        Console.WriteLine($"| Host's memory after it, MB | {ProcessMemory.ResidentMegabytes(host.Id):0} | | | | | |");
    }

    /// <summary>Ten children, ten below each, nine below each of those: 1 + 10 + 100 + 889 accounts.</summary>
    private static async Task<List<string>> GrowTreeAsync(HostClient person)
    {
        var ids = new List<string> { person.AccountPath["v1/accounts/".Length..] };
        for (var next = 0; ids.Count < Accounts; next++)
        {
            for (var child = 0; child < 10 && ids.Count < Accounts; child++)
            {
                var made = await person.PostAsync($"v1/accounts/{ids[next]}/children", new JsonObject { ["name"] = $"Client {ids.Count}" });
                ids.Add((string)made["id"]!);
            }
        }
        return ids;
    }

    /// <summary>What a web app asks most: an account, its children, its sources, its activities, who am I.</summary>
    private static List<string> Requests(List<string> ids, HostClient person) =>
    [
        .. ids.SelectMany(id => new[]
        {
            $"v1/accounts/{id}", $"v1/accounts/{id}/children", $"v1/accounts/{id}/sources", $"v1/accounts/{id}/activities?limit=20", "v1/users/me",
        }),
        $"{person.AccountPath}/subtree?limit=100",
    ];

    private static async Task SendAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }
}
