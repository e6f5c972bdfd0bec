using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ListBackup.Testing;

/// <summary>A program that a test starts and ends: its output is kept for the failure message, and it never outlives the test.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that it wrote so far, standard error included.</summary>
    public string Output
    {
        get
        {
            lock (_lock) return _output.ToString();
        }
    }

    /// <summary>Starts the program; <see cref="WaitForLineAsync"/> sees the first line that <paramref name="readyWhen"/> accepts.</summary>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, Func<string, bool> readyWhen, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        child._process.OutputDataReceived += (_, e) => child.Take(e.Data, readyWhen);
        child._process.ErrorDataReceived += (_, e) => child.Take(e.Data, readyWhen);
        child._process.Exited += (_, _) => child._ready.TrySetException(new InvalidOperationException($"{program} ended before it was ready."));
        child._process.Start();
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The line that says it is ready. Fails, with all output, when the program ends first or the time is over.</summary>
    public async Task<string> WaitForLineAsync(TimeSpan atMost)
    {
        try
        {
            return await _ready.Task.WaitAsync(atMost);
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{_process.StartInfo.FileName} was not ready within {atMost.TotalSeconds:0} s. It wrote:\n{Output}", exception);
        }
    }

    /// <summary>Waits until it has ended by itself and all its output is here; returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop (SIGTERM) and returns its exit code.</summary>
    public async Task<int> StopAsync(TimeSpan atMost)
    {
        // It may have ended between the two calls; then there is nothing to ask.
        if (!_process.HasExited) _ = Kill(_process.Id, Terminate);
        return await WaitForExitAsync(atMost);
    }

    /// <summary>kill -9: no handler of it runs.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line, Func<string, bool> readyWhen)
    {
        if (line is null) return;
        lock (_lock) _output.AppendLine(line);
        if (readyWhen(line)) _ready.TrySetResult(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
