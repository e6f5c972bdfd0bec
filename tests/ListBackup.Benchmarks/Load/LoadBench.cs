using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Load;

/// <summary>One Host under what an agency asks of it: many sources at once, very many that rest, and a very large one. Each part is a Host of its own, on a data folder of its own.</summary>
internal static class LoadBench
{
    public static readonly TimeSpan PartMax = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(string[] arguments)
    {
        var (sources, idle, records) = (200, 10_000, 1_000_000);
        var parts = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--sources") sources = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--idle") idle = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--records") records = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else parts.Add(arguments[i]);
        }
        if (parts.Count == 0) parts = ["crowd", "idle", "large"];
        foreach (var part in parts)
        {
            await (part switch
            {
                "crowd" => CrowdLoad.RunAsync(sources),
                "idle" => IdleLoad.RunAsync(idle),
                "large" => LargeLoad.RunAsync(records),
                _ => throw new ArgumentException($"No such part: {part}. There are crowd, idle and large.", nameof(arguments)),
            });
        }
    }

    public static Task<HostProcess> StartHostAsync(string folder) =>
        HostProcess.StartAsync(folder, "--rate-limit-per-second", "100000", "--rate-limit-burst", "100000", "--log-level", "warning");

    /// <summary>CPU time that the process has used so far.</summary>
    public static TimeSpan Cpu(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    /// <summary>The run or job when it has ended; anything but success is an error.</summary>
    public static async Task<JsonNode> EndOfAsync(HostClient person, string path, TimeSpan every)
    {
        using var limit = new CancellationTokenSource(PartMax);
        while (true)
        {
            var thing = await person.GetAsync(path);
            var state = (string)thing["state"]!;
            if (state == "succeeded") return thing;
            if (state is "partial" or "failed" or "cancelled") throw new InvalidOperationException($"{path} is {state}: {thing["reason"]?.ToJsonString()}");
            await Task.Delay(every, limit.Token);
        }
    }

    public static void Row(string what, string measured, string bar = "") => Console.WriteLine($"| {what} | {measured} | {bar} |");

    public static string Number(double value, string format = "N1") => value.ToString(format, CultureInfo.InvariantCulture);
}
