using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault verify, stats.</summary>
internal static class VaultChecks
{
    public static readonly Option<VerifyLevel> Level = new("--level") { Description = "chain, objects, blocks (every byte) or restore (every state root; default).", DefaultValueFactory = _ => VerifyLevel.Restore };

    public static async Task<int> VerifyAsync(VaultCommand command)
    {
        var request = new VerifyRequest { Level = command.Parsed.GetValue(Level), Source = command.Parsed.GetValue(VaultCommand.AnySource) };
        var report = await (await command.OpenAsync()).VerifyAsync(request, command.Cancellation);
        foreach (var problem in report.Problems) Console.Error.WriteLine($"listbackup: {problem.Object} at byte {problem.Offset}: {problem.Message}");
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.VerifyReport)!,
            $"{(report.IsSound ? "Sound" : $"{report.Problems.Count} problems")}: {report.Manifests} snapshots, {report.Objects} objects, {report.Blocks} blocks, {report.Versions} record versions, {report.Roots} state roots; {report.BytesRead} bytes read.");
        return report.IsSound ? ExitCode.Success : ExitCode.NotProven;
    }

    public static async Task<int> StatsAsync(VaultCommand command)
    {
        var stats = await (await command.OpenAsync()).GetStatsAsync(command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(stats, VaultJson.Default.VaultStats)!,
            $"{stats.Bytes} bytes in {stats.Objects} objects: {stats.SegmentBytes} of segments, {stats.ManifestBytes} of {stats.Snapshots} manifests, {stats.KeyBytes} of keys, {stats.AttachmentBytes} of attachments, {stats.CacheBytes} of caches. {stats.LiveRecords} live records of {stats.Sources} sources.");
        return ExitCode.Success;
    }
}
