using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault drill.</summary>
internal static class VaultDrill
{
    public static readonly Option<int?> Seed = new("--seed") { Description = "Choose what this number chose before, as long as the vault is the same. Default: a random one, which is printed." };

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var report = await vault.DrillAsync(new DrillRequest { Source = command.Parsed.GetValue(VaultCommand.AnySource), Seed = command.Parsed.GetValue(Seed) }, command.Cancellation);
        if (report.Problem is { } problem) Console.Error.WriteLine($"listbackup: {problem}");
        if (command.Parsed.GetValue(VaultChecks.ReportFile) is { } file) await File.WriteAllBytesAsync(file, (await vault.SignReportAsync(report, command.Cancellation)).Document, command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.DrillReport)!,
            $"Seed {report.Seed}: stream {report.Stream} of source {report.Source}, snapshot {report.Seq}, {(report.IsRestored ? "came back" : "did NOT come back")}: {report.Records} of {report.Live} records{(report.Redacted == 0 ? "" : $" and the hashes of {report.Redacted} erased ones")}, {report.BytesReadBack} bytes, {report.Attachments} files.");
        return report.IsRestored ? ExitCode.Success : ExitCode.NotProven;
    }
}
