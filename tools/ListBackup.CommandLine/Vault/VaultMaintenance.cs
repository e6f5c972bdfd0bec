using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault compact, gc.</summary>
internal static class VaultMaintenance
{
    public static readonly Option<bool> IsFull = new("--full") { Description = "Write every stream anew, whether or not it pays." };

    public static readonly Option<double?> Grace = new("--grace-hours") { Description = "How long a plan waits and how old an object must be. Default: 24; less is safe for backups, but not for readers that are open." };

    public static readonly Option<bool> Attachments = new("--attachments") { Description = "Collect the files that no record of any source names any more, instead of a source's segments." };

    public static async Task<int> CollectAsync(VaultCommand command)
    {
        if (command.Parsed.GetValue(VaultCommand.AnySource) is null != command.Parsed.GetValue(Attachments))
            throw new CommandException("Say what to collect: --source ID, or --attachments of all sources.", ExitCode.Usage);
        if (command.Parsed.GetValue(Attachments)) return await CollectAttachmentsAsync(command);
        var source = command.Parsed.GetValue(VaultCommand.AnySource)!; // One of the two was said.
        var (vault, isDryRun) = (await command.OpenAsync(), !command.Parsed.GetValue(VaultRetention.Yes));
        var report = await vault.CollectGarbageAsync(source, GraceOf(command), isDryRun, command.Cancellation);
        command.Report.Value(JsonSerializer.SerializeToNode(report, VaultJson.Default.GarbageReport)!, TextOf(report, isDryRun));
        return ExitCode.Success;
    }

    private static async Task<int> CollectAttachmentsAsync(VaultCommand command)
    {
        var (vault, isDryRun) = (await command.OpenAsync(), !command.Parsed.GetValue(VaultRetention.Yes));
        var report = await vault.CollectAttachmentsAsync(GraceOf(command), isDryRun, command.Cancellation);
        command.Report.Value(JsonSerializer.SerializeToNode(report, VaultJson.Default.AttachmentGarbageReport)!, TextOf(report, isDryRun));
        return ExitCode.Success;
    }

    private static TimeSpan GraceOf(VaultCommand command) => command.Parsed.GetValue(Grace) is { } hours ? TimeSpan.FromHours(hours) : GarbageReport.GraceDefault;

    public static async Task<int> CompactAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var report = await vault.CompactAsync(command.SourceId, command.Parsed.GetValue(IsFull), command.Cancellation);
        command.Report.Value(
            JsonSerializer.SerializeToNode(report, VaultJson.Default.CompactionReport)!,
            report.Snapshot is null
                ? "There is nothing to merge."
                : string.Join('\n', report.Streams.Select(Line)) + $"\nSnapshot {report.Snapshot.Seq} holds the same records. What it replaces is garbage: 'vault gc' collects it.");
        return ExitCode.Success;
    }

    private static string TextOf(GarbageReport report, bool isDryRun)
    {
        var deleted = report.Deleted.Count + report.Kept.Count == 0 ? "" : $"{report.Deleted.Count} objects were deleted, {report.Kept.Count} are locked. ";
        if (report.ForgottenKeyFiles.Count > 0) deleted += $"{report.ForgottenKeyFiles.Count} late key files with keys that an erasure has forgotten {(isDryRun ? "are to be deleted" : "were deleted")}. ";
        return deleted + (report switch
        {
            { Planned.Count: 0 } => "Nothing is garbage.",
            { DueAt: { } due } => string.Create(CultureInfo.InvariantCulture, $"Snapshot {report.PlanSeq} gives {report.Planned.Count} objects up; the first 'vault gc --yes' after {due:yyyy-MM-dd HH:mm:ss'Z'} deletes them."),
            _ => isDryRun ? $"{report.Planned.Count} objects are garbage; --yes plans their deletion." : "Nothing is due.",
        });
    }

    private static string TextOf(AttachmentGarbageReport report, bool isDryRun)
    {
        var deleted = report.Deleted.Count + report.Kept.Count == 0 ? "" : $"{report.Deleted.Count} files were deleted, {report.Kept.Count} are locked or needed after all. ";
        return deleted + (report switch
        {
            { IsWaitingForRuns: true } => "Runs with files are at work: nothing new is planned before they have ended.",
            { Planned.Count: 0 } => "No file is garbage.",
            { DueAt: { } due } => string.Create(CultureInfo.InvariantCulture, $"Plan {report.PlanSeq} gives {report.Planned.Count} files up; the first 'vault gc --attachments --yes' after {due:yyyy-MM-dd HH:mm:ss'Z'} deletes them."),
            _ => isDryRun ? $"{report.Planned.Count} files are garbage; --yes plans their deletion." : "Nothing is due.",
        });
    }

    private static string Line(StreamCompaction stream) =>
        $"{stream.Stream}: {stream.SectionsBefore} sections of {stream.BytesBefore} bytes became {stream.SectionsAfter} of {stream.BytesAfter}; {stream.VersionsDropped} versions were left out.";
}
