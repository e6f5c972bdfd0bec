using System.Diagnostics;
using System.Globalization;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>One read in a process of its own, so that all its CPU time and its memory are the engine's.</summary>
internal static class BenchRead
{
    /// <summary>Prints records, seconds, CPU seconds and the peak of memory in MB.</summary>
    public static async Task RunAsync(string what, string url, int size, long pages, long bytes)
    {
        using var http = new ConnectorHttp(new HttpLimits { AllowPrivateNetworks = true });
        var connector = Connector.Load(BenchManifests.Of(what));
        var ports = new ConnectorPorts { Http = http };

        // Sockets, the first compilations: a service pays for them once.
        if (what != "huge")
            await ReadAsync(connector, ports, Config(url, size, Math.Max(2, pages / 10), bytes));

        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var records = await ReadAsync(connector, ports, Config(url, size, pages, bytes));
        watch.Stop();
        process.Refresh();

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{records} {watch.Elapsed.TotalSeconds} {(process.TotalProcessorTime - cpu).TotalSeconds} {ProcessMemory.PeakMegabytes(process.Id)}"));
    }

    private static async Task<long> ReadAsync(Connector connector, ConnectorPorts ports, ConnectorConfig config)
    {
        var arrived = 0L;
        await foreach (var batch in connector.ReadAsync(new ReadRequest { Stream = "items", Config = config }, ports, CancellationToken.None))
        {
            using (batch)
            {
                if (batch.Coverage is { Complete: false } coverage)
                    throw new InvalidOperationException($"The read was cut: {coverage.Detail}");
                arrived = batch.Evidence.RowsArrived;

                // A service keeps the state of every batch.
                _ = batch.StateAfter.ToJson();
            }
        }

        return arrived;
    }

    private static ConnectorConfig Config(string url, int size, long pages, long bytes) =>
        ConnectorConfig.Parse($$"""{"url":"{{url}}","size":{{size}},"pages":{{pages}},"bytes":{{bytes}}}""");
}
