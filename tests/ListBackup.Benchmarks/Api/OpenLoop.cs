using System.Diagnostics;

namespace ListBackup.Benchmarks;

/// <summary>
/// Sends at a fixed rate whatever the answers do, and measures each request from the moment it was due: a server that stalls is charged for
/// every request that waited (no coordinated omission).
/// </summary>
internal static class OpenLoop
{
    public static async Task<Latencies> RunAsync(int perSecond, TimeSpan duration, Func<int, Task> send)
    {
        var count = (int)(perSecond * duration.TotalSeconds);
        var latencies = new double[count];
        var running = new Task[count];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var due = start + (long)(i * (double)Stopwatch.Frequency / perSecond);
            await UntilAsync(due);
            running[i] = MeasureAsync(i, due);
        }
        await Task.WhenAll(running);
        Array.Sort(latencies);
        return new(latencies, count / Stopwatch.GetElapsedTime(start).TotalSeconds);

        async Task MeasureAsync(int i, long due)
        {
            await Task.Yield();
            await send(i);
            latencies[i] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
        }
    }

    // Task.Delay is too coarse for 2 ms: wait for most of it, then yield the rest away.
    private static async Task UntilAsync(long due)
    {
        for (TimeSpan left; (left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due)) > TimeSpan.Zero;)
        {
            if (left > TimeSpan.FromMilliseconds(2)) await Task.Delay(left - TimeSpan.FromMilliseconds(1));
            else await Task.Yield();
        }
    }
}

/// <summary>Sorted latencies in milliseconds.</summary>
internal sealed record Latencies(double[] Sorted, double PerSecond)
{
    public double Percentile(double p) => Sorted[Math.Min(Sorted.Length - 1, (int)(p / 100 * Sorted.Length))];
}
