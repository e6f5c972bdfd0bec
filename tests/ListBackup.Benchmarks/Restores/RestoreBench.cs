using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Restores;

/// <summary>
/// An agency must get its contacts back today: a Host, a process of its own, backs a platform up, the platform loses all its contacts with what hangs on them, and the
/// Host plans, approves, applies and undoes, all through its API. The platforms answer at once and know no limits, so the figures are the product's own.
/// </summary>
internal static class RestoreBench
{
    private static readonly TimeSpan PhaseMax = TimeSpan.FromMinutes(30);

    public static async Task RunAsync(string[] arguments)
    {
        var (contacts, onlyContacts) = (40_000, false);
        List<string> platforms = ["demo", "hubspot"];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--contacts") contacts = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--contacts-only") onlyContacts = true;
            else platforms = [arguments[i]];
        }

        Console.WriteLine("| platform, phase | records | wall s | CPU s | requests | records/s | peak MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var platform in platforms)
        {
            using var folder = new TempFolder();
            await using ILosingPlatform losing = platform switch
            {
                "demo" => await LosingDemo.StartAsync(contacts),
                "hubspot" => await LosingHubSpot.StartAsync(contacts, folder.Path),
                _ => throw new ArgumentException($"No such platform: {platform}. There are demo and hubspot.", nameof(arguments)),
            };
            await RunAsync(losing, onlyContacts ? ["contacts"] : losing.Streams, folder.Path);
        }
    }

    private static async Task RunAsync(ILosingPlatform platform, IReadOnlyList<string> streams, string folder)
    {
        await using var host = await HostProcess.StartAsync(folder, platform.HostArguments);
        var person = await HostClient.SignUpAsync(host.Address, folder, "Ada");
        var source = await SourceAsync(person, platform, streams);
        var seq = 0L;
        await PhaseAsync("back up", async () =>
        {
            var run = await SyncAsync(person, source);
            seq = (long)run["snapshotSeq"]!; // A run that succeeded has one.
            return (long)run["counts"]!["records"]!;
        });
        platform.LoseContacts();
        await PhaseAsync("back up what is left", async () => (long)(await SyncAsync(person, source))["counts"]!["records"]!);

        var job = await person.PostAsync($"{source}/restores", new JsonObject { ["seq"] = seq, ["selection"] = new JsonObject { ["kind"] = "deletions" } });
        var (restore, path) = ($"{source}/restores/{job["id"]}", $"{source}/jobs/{job["id"]}");
        await PhaseAsync("plan", async () =>
        {
            job = await UntilAsync(person, path, "planned");
            return (long)job["restore"]!["plan"]!["creates"]!;
        });
        var planned = (long)job["restore"]!["plan"]!["creates"]!; // A planned restore has them.
        await person.PostAsync($"{restore}/approve");
        await PhaseAsync("safety snapshot", async () =>
        {
            await UntilAsync(person, path, "applying", "succeeded");
            return 0;
        });
        await PhaseAsync("apply", async () =>
        {
            job = await UntilAsync(person, path, "succeeded");
            return (long)job["restore"]!["applied"]!["created"]!;
        });
        // Of records that only their content tells apart (two notes with one text) one is there when the other is looked for.
        var applied = job["restore"]!["applied"]!; // As is what became of them.
        if ((long)applied["created"]! + (long)applied["left"]! != planned || (long)applied["left"]! > planned / 100)
            throw new InvalidOperationException($"Of {planned} planned records {applied["created"]} came back: {applied.ToJsonString()}");
        await person.PostAsync($"{restore}/undo");
        await PhaseAsync("undo", async () =>
        {
            job = await UntilAsync(person, path, "undone");
            return (long)job["restore"]!["undo"]!["undone"]!;
        });

        person.Dispose();

        async Task PhaseAsync(string name, Func<Task<long>> work)
        {
            // A phase may outlast what is left of a sign-in.
            var email = person.Email;
            person.Dispose();
            person = await HostClient.ReturnAsync(host.Address, email);
            using var process = Process.GetProcessById(host.Id);
            ProcessMemory.ForgetPeak(host.Id);
            var (cpu, requests, watch) = (process.TotalProcessorTime, platform.Requests, Stopwatch.StartNew());
            var records = await work();
            var seconds = watch.Elapsed.TotalSeconds;
            process.Refresh();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {platform.Name}, {name} | {records:N0} | {seconds:N1} | {(process.TotalProcessorTime - cpu).TotalSeconds:N1} | {platform.Requests - requests:N0} | {records / seconds:N0} | {ProcessMemory.PeakMegabytes(host.Id):N0} |"));
        }
    }

    private static async Task<string> SourceAsync(HostClient person, ILosingPlatform platform, IReadOnlyList<string> streams)
    {
        var connection = await person.PostAsync($"{person.AccountPath}/connections", new JsonObject { ["name"] = "Customer", ["platform"] = platform.Name, ["config"] = platform.Config });
        var choices = streams.Select(stream => (JsonNode)new JsonObject { ["name"] = stream }).ToArray();
        var source = await person.PostAsync($"{person.AccountPath}/sources", new JsonObject { ["name"] = "Customer", ["connectionId"] = (string)connection["id"]!, ["streams"] = new JsonArray(choices) });
        return $"{person.AccountPath}/sources/{source["id"]}";
    }

    private static async Task<JsonNode> SyncAsync(HostClient person, string source)
    {
        var run = await person.PostAsync($"{source}/sync", new JsonObject());
        return await UntilAsync(person, $"{source}/runs/{run["id"]}", "succeeded");
    }

    /// <summary>The run or job when it is in one of these states; a state that it would not leave for them is an error.</summary>
    private static async Task<JsonNode> UntilAsync(HostClient person, string path, params string[] states)
    {
        using var limit = new CancellationTokenSource(PhaseMax);
        while (true)
        {
            var thing = await person.GetAsync(path);
            var state = (string)thing["state"]!;
            if (states.Contains(state)) return thing;
            if (state is "partial" or "failed" or "cancelled") throw new InvalidOperationException($"{path} is {state}: {thing["reason"]?.ToJsonString()}");
            await Task.Delay(100, limit.Token);
        }
    }
}
