using System.Diagnostics;
using System.Text;
using ListBackup.Testing;

namespace ListBackup.CommandLine.Tests;

/// <summary>A vault in a folder, and the command line as a process on it.</summary>
internal sealed class VaultLine : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _files;

    public string Vault => _folder.File("vault");

    public string KeyFile => _folder.File("key");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A vault with one snapshot of these lines.</summary>
    public static async Task<VaultLine> CreateAsync(params string[] lines)
    {
        var line = new VaultLine();
        (await line.RunAsync("init", line.Vault, "--key-file", line.KeyFile)).Exit.ShouldBe(0);
        (await line.BackUpAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(text => text + "\n"))))).Exit.ShouldBe(0);
        return line;
    }

    public string File(string name) => _folder.File(name);

    public async Task<Ended> BackUpAsync(byte[] input, params string[] options) => await RunAsync(Arguments("backup", [.. options, .. Default("--primary-key", "id", options), await WriteAsync(input)]));

    public Task<Ended> RestoreAsync(long? at = null) => RunAsync(Arguments("restore", ["--sort-by-key", .. at is { } seq ? ["--at", $"{seq}"] : Array.Empty<string>()]));

    public Task<Ended> VerifyAsync() => RunAsync("verify", Vault, "--key-file", KeyFile);

    public string[] Arguments(string verb, params string[] more) => [verb, Vault, "--key-file", KeyFile, "--source", "s", "--stream", "t", .. more];

    public async Task<string> WriteAsync(byte[] content)
    {
        var path = _folder.File($"input-{++_files}");
        await System.IO.File.WriteAllBytesAsync(path, content, Cancellation);
        return path;
    }

    /// <summary>Segment objects of a snapshot's commit.</summary>
    public string SegmentOf(long seq) => Directory.GetFiles(Path.Combine(Vault, "s", "s"), $"{seq:000000000000}-*.seg").Single();

    public Task<Ended> RunAsync(params string[] arguments) => EndAsync(Start(arguments, shell: null));

    /// <summary>As <see cref="RunAsync"/>, in a shell that limits it first; <c>"$@"</c> is the command.</summary>
    public Task<Ended> RunLimitedAsync(string shell, params string[] arguments) => EndAsync(Start(arguments, shell));

    public Process Start(string[] arguments, string? shell)
    {
        var program = BuildOutput.Program("ListBackup.CommandLine", "listbackup");
        var start = shell is null ? new ProcessStartInfo(program, ["vault", .. arguments]) : new ProcessStartInfo("sh", ["-c", shell, "sh", program, "vault", .. arguments]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        return Process.Start(start)!; // Not shell execute: there is a process, or an exception.
    }

    public static async Task<Ended> EndAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(Cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            return new Ended(process.ExitCode, output, await errors);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Default(string option, string value, string[] given) => given.Contains(option) ? [] : [option, value];
}

/// <summary>What a command left.</summary>
internal sealed record Ended(int Exit, string Output, string Errors);
