using System.Diagnostics;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Load;

/// <summary>
/// Many sources are backed up at once, more than half of them of one account, while people use the API, verify and export. Every run has to succeed with every stream proven.
/// </summary>
internal static class CrowdLoad
{
    /// <summary>With what hangs on them some 5,000 records.</summary>
    private const int Contacts = 1_865;

    /// <summary>All that the demo platform says the number of: only those can be proven.</summary>
    private static readonly string[] Streams = ["companies", "contacts", "lists", "memberships", "notes", "attachments"];

    private const int SmallAccounts = 9;
    private const int PerSecond = 50;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(int count)
    {
        using var folder = new TempFolder();
        await using var demo = await DemoProcess.StartAsync(Contacts);
        await using var host = await LoadBench.StartHostAsync(folder.Path);
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        var accounts = await AccountsAsync(person);
        var sources = await SourcesAsync(person, demo, accounts, count);

        ProcessMemory.ForgetPeak(host.Id);
        var (cpu, watch) = (LoadBench.Cpu(host.Id), Stopwatch.StartNew());
        var runs = new Dictionary<string, string>();
        foreach (var source in sources) runs.Add(source, (string)(await person.PostAsync($"{source}/sync", new JsonObject()))["id"]!);
        var ended = new TaskCompletionSource();
        var people = PeopleAsync(host, person, [.. runs.Select(run => (run.Key, run.Value))], ended.Task);
        var others = OthersAsync(person, sources[^1], runs[sources[^1]], watch);
        var ends = await EndsAsync(person, runs, watch);
        ended.SetResult();
        var (used, seconds) = ((LoadBench.Cpu(host.Id) - cpu).TotalSeconds, ends.Values.Max());
        var latencies = await people;
        var (verified, exported) = await others;
        var records = await ProvenAsync(person, sources);

        var large = sources.Where(source => source.StartsWith(accounts[0], StringComparison.Ordinal)).ToHashSet();
        Console.WriteLine($"| {count} sources, {records:N0} records, all runs succeeded, every stream proven | measured | bar |");
        Console.WriteLine("|---|---|---|");
        LoadBench.Row("until the last run ended, s (Host's CPU seconds)", $"{LoadBench.Number(seconds)} ({LoadBench.Number(used)})");
        LoadBench.Row("records/s", LoadBench.Number(records / seconds, "N0"));
        LoadBench.Row($"last end of the {SmallAccounts} small accounts' runs / of the large one's ({large.Count} sources), s",
            $"{LoadBench.Number(ends.Where(end => !large.Contains(end.Key)).Max(end => end.Value))} / {LoadBench.Number(ends.Where(end => large.Contains(end.Key)).Max(end => end.Value))}");
        LoadBench.Row("meanwhile: a verification of all bytes / an export, s", $"{LoadBench.Number(verified)} / {LoadBench.Number(exported)}");
        LoadBench.Row($"meanwhile: API, {PerSecond} requests/s, p50 / p90 / p99 / max ms", string.Join(" / ", new[] { 50, 90, 99, 100 }.Select(p => LoadBench.Number(latencies.Percentile(p)))), "p99 100");
        LoadBench.Row("peak memory, MB", LoadBench.Number(ProcessMemory.PeakMegabytes(host.Id), "N0"), "600");
    }

    /// <summary>The person's own and some below it.</summary>
    private static async Task<List<string>> AccountsAsync(HostClient person)
    {
        var accounts = new List<string> { person.AccountPath };
        for (var i = 1; i <= SmallAccounts; i++)
            accounts.Add($"v1/accounts/{(await person.PostAsync($"{person.AccountPath}/children", new JsonObject { ["name"] = $"Client {i}" }))["id"]}");
        return accounts;
    }

    /// <summary>The first account has more than half of the sources, and asks first.</summary>
    private static async Task<List<string>> SourcesAsync(HostClient person, DemoProcess demo, List<string> accounts, int count)
    {
        var sources = new List<string>();
        var small = Math.Max(1, count / 20);
        for (var i = 0; i < count; i++)
        {
            var account = i < count - (small * SmallAccounts) ? accounts[0] : accounts[1 + (i % SmallAccounts)];
            sources.Add(await demo.SourceAsync(person, account, $"Customer {i}", new() { ["streams"] = new JsonArray([.. Streams.Select(stream => (JsonNode)new JsonObject { ["name"] = stream })]) }));
        }
        return sources;
    }

    /// <summary>When each source's run had ended, in seconds; fails with the first that did not succeed.</summary>
    private static async Task<Dictionary<string, double>> EndsAsync(HostClient person, Dictionary<string, string> runs, Stopwatch watch)
    {
        using var limit = new CancellationTokenSource(LoadBench.PartMax);
        var ends = new Dictionary<string, double>();
        while (ends.Count < runs.Count)
        {
            await Task.Delay(Poll, limit.Token);
            foreach (var account in runs.Keys.Where(source => !ends.ContainsKey(source)).Select(source => source[..source.IndexOf("/sources/", StringComparison.Ordinal)]).Distinct().ToList())
            {
                foreach (var source in await person.ListAsync($"{account}/sources?limit=200"))
                {
                    var path = $"{account}/sources/{source["id"]}";
                    if ((string?)source["lastRun"]?["id"] != runs[path]) continue;
                    if ((string?)source["lastRun"]?["state"] != "succeeded") throw new InvalidOperationException($"A run did not succeed: {source.ToJsonString()}");
                    ends.TryAdd(path, watch.Elapsed.TotalSeconds);
                }
            }
        }
        return ends;
    }

    /// <summary>What the web app asks most while backups run.</summary>
    private static async Task<Latencies> PeopleAsync(HostProcess host, HostClient person, List<(string Source, string Run)> runs, Task ended)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Authorization = person.Http.DefaultRequestHeaders.Authorization;
        Func<(string Source, string Run), string>[] pages =
        [
            of => of.Source, of => $"{of.Source}/runs?limit=20", of => $"{of.Source}/runs/{of.Run}", of => $"{of.Source}/snapshots?limit=20",
            of => $"{of.Source[..of.Source.IndexOf("/sources/", StringComparison.Ordinal)]}/sources?limit=50", _ => "v1/users/me",
        ];
        var all = new List<double>();
        var asked = 0;
        while (!ended.IsCompleted)
        {
            var second = await OpenLoop.RunAsync(PerSecond, TimeSpan.FromSeconds(1), async _ =>
            {
                var i = Interlocked.Increment(ref asked);
                using var answer = await http.GetAsync(pages[i % pages.Length](runs[i % runs.Count]));
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
            });
            all.AddRange(second.Sorted);
        }
        return new([.. all.Order()], PerSecond);
    }

    /// <summary>How long a verification and an export take, which other queues bring, while the syncs have theirs full.</summary>
    private static async Task<(double Verified, double Exported)> OthersAsync(HostClient person, string source, string run, Stopwatch watch)
    {
        await LoadBench.EndOfAsync(person, $"{source}/runs/{run}", Poll);
        var begun = watch.Elapsed.TotalSeconds;
        var job = await person.PostAsync($"{source}/verify", new JsonObject { ["level"] = "restore" });
        await LoadBench.EndOfAsync(person, $"{source}/jobs/{job["id"]}", TimeSpan.FromMilliseconds(100));
        var verified = watch.Elapsed.TotalSeconds;
        job = await person.PostAsync($"{source}/exports", new JsonObject { ["seq"] = 1, ["format"] = "csv" });
        await LoadBench.EndOfAsync(person, $"{source}/jobs/{job["id"]}", TimeSpan.FromMilliseconds(100));
        return (verified - begun, watch.Elapsed.TotalSeconds - verified);
    }

    /// <summary>How many records the snapshots have; fails where a stream of one is not proven.</summary>
    private static async Task<long> ProvenAsync(HostClient person, List<string> sources)
    {
        var records = 0L;
        foreach (var source in sources)
        {
            foreach (var stream in (await person.GetAsync($"{source}/snapshots/1"))["streams"]!.AsArray())
            {
                if ((string?)stream!["certificate"]?["coverage"] != "proven") throw new InvalidOperationException($"{source} is not proven: {stream.ToJsonString()}");
                records += (long)stream["live"]!;
            }
        }
        return records;
    }
}
