using System.Diagnostics;
using System.Globalization;

namespace ListBackup.Benchmarks.Vault;

/// <summary>A whole process, measured by the kernel: what it and its children used.</summary>
/// <param name="CpuSeconds">User and system time. It hardly depends on what else the machine does.</param>
/// <param name="WallSeconds">From start to end.</param>
/// <param name="PeakBytes">Most resident memory of any of its processes.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record Measured(double CpuSeconds, double WallSeconds, long PeakBytes, string Error)
{
    private const string Time = "/usr/bin/time";

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs; figures and environment are kept there.</param>
    /// <param name="output">Where its standard output goes; null: nowhere.</param>
    /// <param name="environment">Added to the environment.</param>
    public static async Task<Measured> RunAsync(string program, string[] arguments, string folder, string? output = null, params (string Name, string Value)[] environment)
    {
        var figures = Path.Combine(folder, "figures");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", output ?? "/dev/null", Time, "-o", figures, "-f", "%U %S %e %M", program, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!; // Null only with the shell of Windows.
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error}");
        double[] numbers = [.. (await File.ReadAllTextAsync(figures)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return new Measured(numbers[0] + numbers[1], numbers[2], (long)numbers[3] * 1024, error);
    }

    public static bool Has(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
