using System.Diagnostics;

namespace ListBackup.Embedded.Tests;

/// <summary>
/// This very test program as a child process that runs one scenario instead of tests: something to kill, or to give a small disk. The scenario says what was
/// acknowledged line by line.
/// </summary>
internal sealed class Child : IDisposable
{
    private const string Variable = "LISTBACKUP_TEST_CHILD";

    // Only a failing test ever waits this long.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private Child(Process process) => _process = process;

    /// <summary>Null: this process is not a child but the test program.</summary>
    public static async Task<int?> RunIfChildAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } scenario) return null;
        var (name, argument) = (scenario.Split('|')[0], scenario.Split('|')[1]);
        try
        {
            await ChildScenarios.RunAsync(name, argument);
            return 0;
        }
        catch (Exception failure)
        {
            Console.WriteLine($"failed {failure.GetType().Name} {failure.Message}");
            return 1;
        }
    }

    /// <param name="scenario">One of <see cref="ChildScenarios"/>.</param>
    /// <param name="argument">What it works on.</param>
    /// <param name="wrapper">A shell command to run it by, <c>{0}</c> being the program.</param>
    public static Child Start(string scenario, string argument, string wrapper = "exec {0}")
    {
        var program = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)
            ? $"'{Environment.ProcessPath}' exec '{typeof(Child).Assembly.Location}'"
            : $"'{Environment.ProcessPath}'";
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, UseShellExecute = false, ArgumentList = { "-c", wrapper.Replace("{0}", program, StringComparison.Ordinal) } };
        start.Environment[Variable] = $"{scenario}|{argument}";
        return new(Process.Start(start) ?? throw new InvalidOperationException("The child process did not start."));
    }

    /// <summary>The next line, or null at the end of the process.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation) => await _process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(AnswerMax, cancellation);

    /// <summary>SIGKILL; returns what it had still said before.</summary>
    public async Task<IReadOnlyList<string>> KillAsync(CancellationToken cancellation)
    {
        _process.Kill();
        return await RestAsync(cancellation);
    }

    /// <summary>The lines that it says until its end. One that its end cut off is not said.</summary>
    public async Task<IReadOnlyList<string>> RestAsync(CancellationToken cancellation)
    {
        var rest = await _process.StandardOutput.ReadToEndAsync(cancellation).WaitAsync(AnswerMax, cancellation);
        await _process.WaitForExitAsync(cancellation);
        return rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
