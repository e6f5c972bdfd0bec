using System.Diagnostics;
using System.Globalization;
using System.Text;
using ListBackup.Connectors;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Records;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>The engine's inner loops, each timed for a while on its own.</summary>
internal static class BenchKernels
{
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(0.7);

    private static readonly string[] Expressions =
    [
        "{{ config['api_key'] }}",
        "https://{{ config['host'] }}/v1/lists/{{ stream_slice.list_id }}",
        "{{ stream_slice['start_time'] }}",
        "{{ response.next }}",
        "{{ response.get('paging', {}).get('next') }}",
        "{{ response.has_more == false }}",
        "{{ record['status'] == 'subscribed' }}",
        "{{ record.name | lower ~ '@' ~ (record.id | string) }}",
        "{{ format_datetime(stream_slice['start_time'], '%Y-%m-%d') }}",
        "{{ 'a' if record.vip else 'b' }}",
    ];

    public static void Run()
    {
        Console.WriteLine("| expression | evaluations/s |");
        Console.WriteLine("|---|---|");
        var context = Context();
        foreach (var expression in Expressions)
        {
            var template = Template.Parse(expression);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `{expression}` | {PerSecond(() => template.Evaluate(context)):N0} |"));
        }

        Console.WriteLine();
        Console.WriteLine("| kernel | MB/s |");
        Console.WriteLine("|---|---|");
        var page = Encoding.UTF8.GetBytes($"{{\"items\":[{Encoding.UTF8.GetString(BenchRecords.Pages(1000)[0])}],\"next\":\"1\"}}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| cut a page into records | {PerSecond(() => PageSplitter.Split(page, [], ["items"])) * page.Length / 1e6:N0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| cut a page that is not held | {PerSecond(() => Large(page)) * page.Length / 1e6:N0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| outline of a page that is not held | {PerSecond(() => JsonOutline.Read(new MemoryStream(page), 1 << 25, System.Buffers.ArrayPool<byte>.Shared)) * page.Length / 1e6:N0} |"));

        var manifest = BenchManifests.Large(100);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| a manifest of 100 streams, {manifest.Length / 1024} KiB, warm | {1000 / PerSecond(() => Connector.Load(manifest)):N1} ms |"));
    }

    /// <summary>Prints the CPU time of the first load of a process, which a command line waits for, and of the second, with everything compiled once.</summary>
    public static void LoadOnce(string text)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        Connector.Load(text);
        process.Refresh();
        var first = process.TotalProcessorTime - cpu;
        Connector.Load(text);
        process.Refresh();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first.TotalMilliseconds} {(process.TotalProcessorTime - cpu - first).TotalMilliseconds}"));
    }

    private static int Large(byte[] page)
    {
        using var splitter = new LargePageSplitter(new MemoryStream(page), [], ["items"], 4 << 20, 1 << 25, System.Buffers.ArrayPool<byte>.Shared);
        var rows = 0;
        while (splitter.Next() is { } part)
        {
            using (part.Buffer)
                rows += part.Rows.Count;
        }

        return rows;
    }

    private static ExpressionContext Context()
    {
        var record = ValueJson.Parse(BenchRecords.Record(7, 3));

        return new ExpressionContext(TimeProvider.System)
            .Set(Variable.Config, ValueJson.Parse("""{"api_key":"k-123","host":"api.example.com"}"""))
            .Set(Variable.StreamSlice, ValueJson.Parse("""{"list_id":"77","start_time":"2024-01-01T00:00:00Z"}"""))
            .Set(Variable.Response, ValueJson.Parse("""{"next":"abc","has_more":false,"paging":{"next":"x"}}"""))
            .Set(Variable.Record, record);
    }

    private static double PerSecond<T>(Func<T> work)
    {
        // The compiler comes to its end behind some dozens of calls and a while.
        var calls = 0;
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < Each || calls < 60; calls++)
            work();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var count = 0L;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Each; count++)
            work();
        process.Refresh();

        // CPU time: others may be at work on the machine.
        return count / (process.TotalProcessorTime - cpu).TotalSeconds;
    }
}
