using System.Diagnostics;
using System.Globalization;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>
/// The engine on one core: whole reads from a platform on loopback that runs in another process, each in a process of its own. CPU time is the main figure,
/// since it hardly depends on what else the machine does.
/// </summary>
internal static class ConnectorBench
{
    private static readonly string[] Cases = ["page", "offset", "cursor", "incremental", "transform"];

    public static async Task RunAsync(string[] arguments)
    {
        if (arguments is ["kernels"] or ["--manifests", _])
        {
            await KernelsAsync(arguments is [_, var only] ? only : null);
            return;
        }

        using var server = Start("connector-server");
        try
        {
            var url = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
            Console.WriteLine("| read | records | records/s | records per CPU-second | CPU-seconds per million | peak MB |");
            Console.WriteLine("|---|---|---|---|---|---|");
            foreach (var what in Cases)
            {
                // The incremental read has twelve intervals of as many pages.
                var share = what == "incremental" ? 12 : 1;
                await ReadAsync($"{what}, pages of 1,000", what, url, 1000, 1_200 / share);
                await ReadAsync($"{what}, pages of 100", what, url, 100, 4_800 / share);
            }

            await ReadAsync("one page of 32 MB", "huge", url, 1000, 1, 32_000_000);
            await ReadAsync("one page of 60 MB", "huge", url, 1000, 1, 60_000_000);
            await ReadAsync("one page of 250 MB", "huge", url, 1000, 1, 250_000_000);
            await ReadAsync("5 million records", "page", url, 1000, 5_000);
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }

        await KernelsAsync(null);
    }

    private static async Task ReadAsync(string name, string what, string url, int size, long pages, long bytes = 0)
    {
        var line = (await OutputAsync("connector-read", what, url, $"{size}", $"{pages}", $"{bytes}")).Split(' ');
        var (records, seconds, cpu, peak) = (Number(line[0]), Number(line[1]), Number(line[2]), Number(line[3]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {records:N0} | {records / seconds:N0} | {records / cpu:N0} | {cpu * 1e6 / records:N2} | {peak:N0} |"));
    }

    /// <param name="manifests">A folder whose largest manifest is loaded as well.</param>
    private static async Task KernelsAsync(string? manifests)
    {
        Console.WriteLine();
        Console.Write(await OutputAsync("connector-kernels"));
        var generated = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(generated, BenchManifests.Large(100));
            await ColdAsync("a manifest of 100 streams", generated);
        }
        finally
        {
            File.Delete(generated);
        }

        if (manifests is not null && Largest(manifests) is { } largest)
            await ColdAsync($"{largest.Name}, {largest.Length / 1024} KiB", largest.FullName);
    }

    /// <summary>The largest manifest of a folder that loads.</summary>
    private static FileInfo? Largest(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*.yaml", SearchOption.AllDirectories).OrderByDescending(file => file.Length).FirstOrDefault(file =>
        {
            try
            {
                Connector.LoadFile(file.FullName);
                return true;
            }
            catch (ManifestException)
            {
                return false;
            }
        });

    private static async Task ColdAsync(string name, string file)
    {
        var runs = new List<double[]>();
        for (var run = 0; run < 5; run++)
            runs.Add([.. (await OutputAsync("connector-load", file)).Split(' ').Select(Number)]);
        foreach (var (load, at) in (ReadOnlySpan<(string, int)>)[("first", 0), ("second", 1)])
        {
            double[] times = [.. runs.Select(run => run[at]).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}, the {load} load of a process, CPU time: fastest and median of 5 | {times[0]:N0} ms, {times[2]:N0} ms |"));
        }
    }

    private static async Task<string> OutputAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
