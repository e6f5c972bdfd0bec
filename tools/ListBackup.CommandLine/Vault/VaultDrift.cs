using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault drift.</summary>
internal static class VaultDrift
{
    public static readonly Option<bool> Exact = new("--exact") { Description = "Read all records of both snapshots instead of comparing what their manifests say." };

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var from = command.Parsed.GetRequiredValue(VaultReading.From);
        var to = command.Parsed.GetValue(VaultReading.To) ?? (await vault.FindNewestSnapshotAsync(command.SourceId, command.Cancellation))?.Seq
            ?? throw new CommandException($"There is no snapshot of source {command.SourceId}.");
        var drift = await vault.DriftAsync(command.SourceId, command.StreamName, from, to, command.Parsed.GetValue(Exact) ? DriftBasis.Records : DriftBasis.Observed, command.Cancellation);
        if (drift.IsTruncated) Console.Error.WriteLine("listbackup: There are more fields than are kept; some may be missing here.");
        if (command.Report.IsJson)
        {
            command.Report.Value(JsonSerializer.SerializeToNode(drift, VaultJson.Default.SchemaDrift)!, "");
            return ExitCode.Success;
        }

        command.Report.Rows(
            [.. JsonSerializer.SerializeToNode(drift, VaultJson.Default.SchemaDrift)!["fields"]!.AsArray().Select(field => field!.DeepClone())],
            $"No field differs between snapshots {from} and {to}.",
            ("Field", row => row["path"]!.ToString()),
            ("What", row => row["change"]!.ToString()),
            ("Types", row => $"{string.Join(", ", row["typesBefore"]!.AsArray())} → {string.Join(", ", row["typesAfter"]!.AsArray())}"),
            ("Records that have it", row => $"{Percent(row["fillBefore"]!.GetValue<double>())} → {Percent(row["fillAfter"]!.GetValue<double>())}"));
        return ExitCode.Success;
    }

    private static string Percent(double part) => (part * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
