using System.Diagnostics;

namespace ListBackup.Testing;

/// <summary>The Host as a process of its own, on a free port, on a data folder that may outlive it.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private const string Greeting = "ListBackup is running at ";
    // Ten times what it takes on a calm machine; a test run has others beside it.
    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(60);
    private readonly ChildProcess _child;

    private HostProcess(ChildProcess child, Uri address, TimeSpan readyAfter) => (_child, Address, ReadyAfter) = (child, address, readyAfter);

    public Uri Address { get; }

    /// <summary>From the start of the process to the line that says where it is.</summary>
    public TimeSpan ReadyAfter { get; }

    public int Id => _child.Id;

    public string Output => _child.Output;

    public static async Task<HostProcess> StartAsync(string data, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        // Backing up servers on loopback is what tests are for; the guard itself has tests of its own.
        var child = ChildProcess.Start(
            BuildOutput.Program("ListBackup.Host"), ["--port", "0", "--data", data, "--allow-private-networks", "true", .. arguments],
            line => line.StartsWith(Greeting, StringComparison.Ordinal), folder: data);
        try
        {
            var line = await child.WaitForLineAsync(ReadyMax);
            return new(child, new Uri(line[Greeting.Length..].Trim() + "/"), watch.Elapsed);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    public Task<int> StopAsync() => _child.StopAsync(TimeSpan.FromSeconds(30));

    public Task KillAsync() => _child.KillAsync();

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
