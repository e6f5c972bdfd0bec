using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault backup: NDJSON in, a snapshot out.</summary>
internal static class VaultBackup
{
    private static readonly Argument<string> Input = new("FILE") { Description = "NDJSON, one record on a line; - for standard input." };
    private static readonly Option<string[]> PrimaryKey = new("--primary-key") { Description = "Field of the record key, by name or JSON Pointer; may be given several times.", Required = true };
    private static readonly Option<string[]> Volatile = new("--volatile") { Description = "Field whose change alone makes no new version; may be given several times." };
    private static readonly Option<bool> Incremental = new("--incremental") { Description = "FILE holds changed records only: what is not in it stays." };
    private static readonly Option<string?> Deleted = new("--deleted") { Description = "File with the keys of deleted records, one on a line." };
    private static readonly Option<string?> Run = new("--run") { Description = "Id of the run. Default: a new one." };
    private static readonly Option<string?> Attachments = new("--attachments") { Description = "Folder of the files that --attachment-field names; they are backed up with the records." };
    private static readonly Option<string[]> AttachmentFields = new("--attachment-field") { Description = "Field that names a file below the --attachments folder, by name or JSON Pointer; may be given several times." };
    private static readonly Option<long?> Total = new("--total") { Description = "How many records there are, if known: proves the backup complete." };

    public static IEnumerable<Symbol> Symbols => [Input, VaultCommand.Source, VaultCommand.Stream, PrimaryKey, Volatile, Incremental, Deleted, Run, Total, Attachments, AttachmentFields];

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var request = RequestOf(command);
        await using var backup = await vault.BackUpStreamAsync(request, command.Cancellation);
        if (backup.Outcome is null) await ReadAsync(command, backup);
        var finish = new StreamFinish { IsComplete = true, Evidence = new CoverageEvidence { ReportedTotal = command.Parsed.GetValue(Total) } };
        var outcome = await backup.FinishAsync(finish, command.Cancellation);
        var snapshot = await vault.CommitAsync(
            new CommitRequest { Source = request.Source, Run = request.Run, Outcomes = [outcome], Trigger = "command line" }, command.Cancellation);

        var stream = snapshot.Streams.First(stream => stream.Stream == request.Stream);
        command.Report.Value(
            JsonSerializer.SerializeToNode(snapshot, VaultJson.Default.Snapshot)!,
            $"Snapshot {snapshot.Seq}: {stream.Added} added, {stream.Changed} changed, {stream.Deleted} deleted, {stream.Live} live; {outcome.Counts.Refused} refused{(outcome.Counts.Erased > 0 ? $"; {outcome.Counts.Erased} left out, since they were erased" : "")}; {snapshot.BytesAdded} bytes added.");
        foreach (var refused in outcome.RefusedSamples) Console.Error.WriteLine($"listbackup: record {refused.Position} was refused: {refused.Problem}");
        return outcome.Counts.Refused == 0 ? ExitCode.Success : ExitCode.NotProven;
    }

    private static StreamBackupRequest RequestOf(VaultCommand command) => new()
    {
        Source = command.SourceId,
        Run = command.Parsed.GetValue(Run) ?? Guid.CreateVersion7().ToString("n"),
        Stream = command.StreamName,
        Mode = command.Parsed.GetValue(Incremental) ? ReadMode.Incremental : ReadMode.FullSweep,
        Settings = new StreamSettings
        {
            PrimaryKey = [.. command.Parsed.GetRequiredValue(PrimaryKey).Select(PointerOf)],
            VolatileFields = [.. (command.Parsed.GetValue(Volatile) ?? []).Select(PointerOf)],
        },
    };

    private static async Task ReadAsync(VaultCommand command, StreamBackup backup)
    {
        var input = command.Parsed.GetRequiredValue(Input);
        await using var stream = input == "-" ? Console.OpenStandardInput() : File.OpenRead(input);
        var files = command.Parsed.GetValue(Attachments) is { } folder ? new VaultFiles(folder, [.. (command.Parsed.GetValue(AttachmentFields) ?? []).Select(PointerOf)]) : null;
        await foreach (var line in Lines.ReadAsync(stream, command.Cancellation))
            await backup.WriteAsync(null, line, files is null ? [] : await files.StoreAsync(backup, line, command.Cancellation), command.Cancellation);
        if (command.Parsed.GetValue(Deleted) is not { } deleted) return;
        await foreach (var key in File.ReadLinesAsync(deleted, command.Cancellation)) await backup.DeleteAsync(key, command.Cancellation);
    }

    internal static string PointerOf(string field) => field.StartsWith('/') ? field : $"/{field.Replace("~", "~0").Replace("/", "~1")}";
}
