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

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private MotoServer(ChildProcess process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    /// <summary>Null when this machine has no moto_server.</summary>
    public static async Task<MotoServer?> TryStartAsync()
    {
        ChildProcess process;
        try
        {
            process = ChildProcess.Start("moto_server", ["-H", "127.0.0.1", "-p", "0"], line => Running().IsMatch(line));
        }
        catch (Win32Exception)
        {
            return null;
        }
        var line = await process.WaitForLineAsync(StartMax);
        return new(process, Running().Match(line).Groups["url"].Value);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"Running on (?<url>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Running();
}
