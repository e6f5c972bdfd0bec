using System.Diagnostics;
using ListBackup.Lambda.Tests;

namespace ListBackup.Lambda.Bench;

/// <summary>What a function costs: over several starts, each a process of its own.</summary>
internal sealed record Measurement(TimeSpan FirstFastest, TimeSpan FirstMedian, TimeSpan FirstP90, TimeSpan WarmMean, long MemoryMax, long Size)
{
    public static readonly TimeSpan FirstAnswerMax = TimeSpan.FromMilliseconds(40);
    public const long MemoryBytesMax = 45_000_000;

    private const int WarmCalls = 200;

    public static async Task<Measurement> TakeAsync(string program, string payload, int starts)
    {
        List<TimeSpan> first = [];
        List<TimeSpan> warm = [];
        List<long> memory = [];
        // The first start also warms up our own side and the file cache; it does not count.
        for (var start = 0; start <= starts; start++)
        {
            var one = await StartAsync(program, payload);
            if (start == 0) continue;
            first.Add(one.First);
            warm.Add(one.Warm);
            memory.Add(one.Memory);
        }
        first.Sort();
        return new(first[0], first[first.Count / 2], first[first.Count * 9 / 10], TimeSpan.FromTicks((long)warm.Average(time => time.Ticks)), memory.Max(), new FileInfo(program).Length);
    }

    private static async Task<(TimeSpan First, TimeSpan Warm, long Memory)> StartAsync(string program, string payload)
    {
        await using var api = await FakeRuntimeApi.StartAsync();
        var answer = api.InvokeAsync(payload);
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(StartInfo(program, api.Address)) ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            Check(await answer);
            var first = Stopwatch.GetElapsedTime(began);

            var warming = Stopwatch.GetTimestamp();
            for (var call = 0; call < WarmCalls; call++) Check(await api.InvokeAsync(payload));
            var warm = Stopwatch.GetElapsedTime(warming) / WarmCalls;
            return (first, warm, PeakMemory(process.Id));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static ProcessStartInfo StartInfo(string program, string runtimeApi)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        Dictionary<string, string> environment = new()
        {
            ["AWS_LAMBDA_RUNTIME_API"] = runtimeApi,
            ["AWS_REGION"] = "eu-central-1",
            ["AWS_ACCESS_KEY_ID"] = "bench",
            ["AWS_SECRET_ACCESS_KEY"] = "bench",
            ["LISTBACKUP_NAME_PREFIX"] = "bench-",
            ["LISTBACKUP_BUCKET_PREFIX"] = "bench-",
            ["LISTBACKUP_QUEUE_URL_PREFIX"] = "https://sqs.invalid/bench-",
            ["LISTBACKUP_KMS_KEY"] = "alias/bench",
            ["LISTBACKUP_PUBLIC_URL"] = "https://bench.invalid",
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return start;
    }

    private static void Check(Answer answer)
    {
        if (answer.Error is { } error) throw new InvalidOperationException($"The function failed: {error.Body}");
    }

    private static long PeakMemory(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
    }
}
