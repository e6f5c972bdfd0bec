using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault verify, stats.</summary>
internal static class VaultChecks
{
    public static readonly Option<VerifyLevel> Level = new("--level") { Description = "chain, objects, blocks (every byte) or restore (every state root; default).", DefaultValueFactory = _ => VerifyLevel.Restore };

    public static readonly Option<string?> KnownCheckpoint = new("--known-checkpoint") { Description = "File with an earlier output of 'vault checkpoint': tells whether the folder was rolled back since." };

    public static readonly Option<string?> Since = new("--since") { Description = "File with an earlier checkpoint: print before the new one the proof that the log is the same, grown (what c2sp.org/tlog-witness takes)." };

    public static readonly Option<long?> BudgetBytes = new("--budget-bytes") { Description = "With --level blocks: read about so many bytes, those first that were not read for the longest time." };
    public static readonly Option<string?> ReportFile = new("--report") { Description = "Sign the report, keep it in the vault and its log, and write it to this file as well." };

    public static async Task<int> VerifyAsync(VaultCommand command)
    {
        var known = command.Parsed.GetValue(KnownCheckpoint);
        var request = new VerifyRequest { Level = command.Parsed.GetValue(Level), Source = command.Parsed.GetValue(VaultCommand.AnySource), BudgetBytes = command.Parsed.GetValue(BudgetBytes), KnownCheckpoint = known is null ? null : await File.ReadAllBytesAsync(known, command.Cancellation) };
        var vault = await command.OpenAsync();
        var report = await vault.VerifyAsync(request, command.Cancellation);
        foreach (var problem in report.Problems) Console.Error.WriteLine($"listbackup: {problem.Object} at byte {problem.Offset}: {problem.Message}{(problem.Affects.Count == 0 ? "" : $" Affects {string.Join(", ", problem.Affects)}.")}");
        if (command.Parsed.GetValue(ReportFile) is { } file) await File.WriteAllBytesAsync(file, (await vault.SignReportAsync(report, command.Cancellation)).Document, command.Cancellation);
        if (report.Rotation is { } rotation)
            Console.Error.WriteLine(rotation.Since is { } since ? $"Every byte of the segments was verified since {since:u}." : $"{rotation.VerifiedBytes} of {rotation.Bytes} bytes of segments are verified so far.");
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.VerifyReport)!,
            $"{(report.IsSound ? "Sound" : $"{report.Problems.Count} problems")}: {report.Manifests} snapshots, {report.Objects} objects, {report.Blocks} blocks, {report.Versions} record versions, {report.Roots} state roots; {report.BytesRead} bytes read.");
        return report.IsSound ? ExitCode.Success : ExitCode.NotProven;
    }

    /// <summary>Logs what is missing and prints the signed state of the log.</summary>
    public static async Task<int> CheckpointAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var text = command.Parsed.GetValue(Since) is { } since
            ? await vault.ProveGrowthAsync(await File.ReadAllBytesAsync(since, command.Cancellation), command.Cancellation)
            : (await vault.PublishLogAsync(command.Cancellation)).Note;
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(text, command.Cancellation);
        return ExitCode.Success;
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
