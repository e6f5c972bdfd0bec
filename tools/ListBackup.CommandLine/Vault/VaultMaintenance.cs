using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault compact.</summary>
internal static class VaultMaintenance
{
    public static readonly Option<bool> IsFull = new("--full") { Description = "Write every stream anew, whether or not it pays." };

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

    private static string Line(StreamCompaction stream) =>
        $"{stream.Stream}: {stream.SectionsBefore} sections of {stream.BytesBefore} bytes became {stream.SectionsAfter} of {stream.BytesAfter}; {stream.VersionsDropped} versions were left out.";
}
