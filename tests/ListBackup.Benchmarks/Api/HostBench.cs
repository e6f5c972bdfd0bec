using ListBackup.Testing;

namespace ListBackup.Benchmarks;

/// <summary>How long the Host takes to be ready, and what it holds at rest: the bars are 3 s and 150 MB.</summary>
internal static class HostBench
{
    private const int Starts = 10;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task RunAsync()
    {
        var ready = new List<double>();
        var resident = new List<double>();
        using var folder = new TempFolder();
        for (var i = 0; i < Starts; i++)
        {
            await using var host = await HostProcess.StartAsync(folder.Path);
            ready.Add(host.ReadyAfter.TotalMilliseconds);
            if (i % 5 == 0)
            {
                await Task.Delay(Rest);
                resident.Add(ProcessMemory.ResidentMegabytes(host.Id));
            }
            await host.StopAsync();
        }
        ready.Sort();
        Console.WriteLine("| Host | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| ready after, ms: median of {Starts} (slowest) | {ready[Starts / 2]:0} ({ready[^1]:0}) |");
        Console.WriteLine($"| resident after {Rest.TotalSeconds:0} s at rest, MB | {resident.Max():0} |");
    }
}

internal static class ProcessMemory
{
    /// <summary>VmRSS of /proc.</summary>
    public static double ResidentMegabytes(int process) => Megabytes(process, "VmRSS:");

    /// <summary>VmHWM of /proc: the most that was ever resident.</summary>
    public static double PeakMegabytes(int process) => Megabytes(process, "VmHWM:");

    /// <summary>What was resident before no longer counts for the peak.</summary>
    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static double Megabytes(int process, string name) => double.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
}
