using System.ComponentModel;
using System.Text.RegularExpressions;

namespace ListBackup.Testing;

/// <summary>
/// AWS's protocols emulated in memory by Python's moto, on a free port of the loopback. It is not everywhere: then tests that need it are skipped and say so.
/// Known gaps (5.2): transactions are not idempotent by token, TTL removes nothing, checksums are not compared.
/// </summary>
public sealed partial class MotoServer : IAsyncDisposable
{
    public const string Region = "eu-central-1";

    // moto_server serves each request on a thread of its own, and its DynamoDB checks a condition and writes in two steps: two writers could both win. One thread
    // makes each request atomic, as DynamoDB's are.
    private const string OneThread = """
        import sys
        try:
            import moto.server as server
        except ImportError:
            print("moto is not installed", flush=True)
            sys.exit(1)
        run = server.run_simple
        server.run_simple = lambda *args, **options: run(*args, **{**options, "threaded": False})
        server.main(["-H", "127.0.0.1", "-p", "0"])
        """;

    private const string NotInstalled = "moto is not installed";

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private MotoServer(ChildProcess process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    /// <summary>Null when this machine has no moto.</summary>
    public static async Task<MotoServer?> TryStartAsync()
    {
        ChildProcess process;
        try
        {
            process = ChildProcess.Start("python3", ["-c", OneThread], line => Running().IsMatch(line) || line.StartsWith(NotInstalled, StringComparison.Ordinal));
        }
        catch (Win32Exception)
        {
            return null; // not even Python
        }
        var line = await process.WaitForLineAsync(StartMax);
        if (Running().Match(line) is { Success: true } running) return new(process, running.Groups["url"].Value);
        await process.DisposeAsync();
        return null;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"Running on (?<url>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Running();
}
