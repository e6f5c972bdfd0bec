using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault backup: NDJSON in, a snapshot out.</summary>
internal static class VaultBackup
{
    private static readonly Argument<string?> Input = new("FILE") { Description = "NDJSON, one record on a line; - for standard input.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Stream = new("--stream") { Description = "Name of the stream that FILE holds." };
    private static readonly Option<string?> From = new("--from") { Description = "Folder with a file for each stream, NAME.ndjson or NAME.jsonl, instead of FILE: one snapshot of all." };
    private static readonly Option<string?> Cursor = new("--cursor") { Description = "Kept in the snapshot for whoever reads the next changes: JSON text." };
    private static readonly Option<string[]> PrimaryKey = new("--primary-key") { Description = "Field of the record key, by name or JSON Pointer; may be given several times.", Required = true };
    private static readonly Option<bool> ChangePrimaryKey = new("--change-primary-key") { Description = "The primary key is another than before, and that is meant: every record counts as new, and those before as gone." };
    private static readonly Option<string[]> Volatile = new("--volatile") { Description = "Field whose change alone makes no new version; may be given several times." };
    private static readonly Option<bool> Incremental = new("--incremental") { Description = "FILE holds changed records only: what is not in it stays." };
    private static readonly Option<string?> Deleted = new("--deleted") { Description = "File with the keys of deleted records, one on a line." };
    private static readonly Option<string?> Run = new("--run") { Description = "Id of the run. Default: a new one." };
    private static readonly Option<string?> Attachments = new("--attachments") { Description = "Folder of the files that --attachment-field names; they are backed up with the records." };
    private static readonly Option<string[]> AttachmentFields = new("--attachment-field") { Description = "Field that names a file below the --attachments folder, by name or JSON Pointer; may be given several times." };
    private static readonly Option<long?> Total = new("--total") { Description = "How many records there are, if known: proves the backup complete." };

    public static IEnumerable<Symbol> Symbols => [Input, VaultCommand.Source, Stream, From, PrimaryKey, ChangePrimaryKey, Volatile, Incremental, Deleted, Cursor, Run, Total, Attachments, AttachmentFields];

    public static async Task<int> RunAsync(VaultCommand command)
    {
        var (inputs, run) = (InputsOf(command), command.Parsed.GetValue(Run) ?? Guid.CreateVersion7().ToString("n"));
        var vault = await command.OpenAsync();
        var outcomes = new List<StreamOutcome>();
        var snapshot = await BackUpAsync(command, vault, run, inputs, outcomes);

        command.Report.Value(
            JsonSerializer.SerializeToNode(snapshot, VaultJson.Default.Snapshot)!,
            string.Join('\n', outcomes.Select(outcome => Line(snapshot, outcome, outcomes.Count > 1))) + $"; {snapshot.BytesAdded} bytes added.");
        foreach (var outcome in outcomes)
        {
            var file = outcomes.Count > 1 ? $"{outcome.Stream}: " : "";
            foreach (var refused in outcome.RefusedSamples) Console.Error.WriteLine($"listbackup: {file}record {refused.Position} was refused: {refused.Problem}");
        }

        return outcomes.TrueForAll(outcome => outcome.Counts.Refused == 0) ? ExitCode.Success : ExitCode.NotProven;
    }

    private static List<(string Stream, string File)> InputsOf(VaultCommand command)
    {
        var (file, stream) = (command.Parsed.GetValue(Input), command.Parsed.GetValue(Stream));
        if (command.Parsed.GetValue(From) is not { } folder)
            return file is not null && stream is not null ? [(stream, file)] : throw new CommandException("Say what to back up: --stream NAME FILE, or --from FOLDER with a file for each stream.", ExitCode.Usage);
        if (file is not null || stream is not null) throw new CommandException("--from names the streams by its files; leave out FILE and --stream.", ExitCode.Usage);
        if (command.Parsed.GetValue(Deleted) is not null || command.Parsed.GetValue(Total) is not null || command.Parsed.GetValue(Cursor) is not null)
            throw new CommandException("--deleted, --total and --cursor are about one stream; they do not go with --from.", ExitCode.Usage);
        if (!Directory.Exists(folder)) throw new CommandException($"There is no folder {folder}.");
        List<(string Stream, string File)> inputs =
        [
            .. Directory.EnumerateFiles(folder).Where(path => Path.GetExtension(path) is ".ndjson" or ".jsonl")
                .Select(path => (Path.GetFileNameWithoutExtension(path), path)).OrderBy(input => input.path, StringComparer.Ordinal),
        ];
        if (inputs.Count == 0) throw new CommandException($"The folder {folder} has no file NAME.ndjson or NAME.jsonl.");
        if (inputs.GroupBy(input => input.Stream, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new CommandException($"The folder {folder} has two files for stream {twice.Key}.");
        return inputs;
    }

    private static string Line(Snapshot snapshot, StreamOutcome outcome, bool isNamed)
    {
        var stream = snapshot.Streams.First(stream => stream.Stream == outcome.Stream);
        return $"Snapshot {snapshot.Seq}{(isNamed ? $", {stream.Stream}" : "")}: {stream.Added} added, {stream.Changed} changed, {stream.Deleted} deleted, {stream.Live} live; {outcome.Counts.Refused} refused{(outcome.Counts.Erased > 0 ? $"; {outcome.Counts.Erased} left out, since they were erased" : "")}";
    }

    private static async Task<Snapshot> BackUpAsync(VaultCommand command, BackupVault vault, string run, List<(string Stream, string File)> inputs, List<StreamOutcome> outcomes)
    {
        foreach (var (stream, file) in inputs.SkipLast(1))
        {
            await using var backup = await OpenAsync(command, vault, run, stream, isLast: false);
            outcomes.Add(await FinishAsync(command, backup, file));
        }

        // While a backup is open, the commit takes its changes from memory; of several streams only the last one's, or memory would grow with their number.
        await using var last = await OpenAsync(command, vault, run, inputs[^1].Stream, isLast: true);
        outcomes.Add(await FinishAsync(command, last, inputs[^1].File));
        return await vault.CommitAsync(new CommitRequest { Source = command.SourceId, Run = run, Outcomes = outcomes, Trigger = "command line" }, command.Cancellation);
    }

    private static async Task<StreamBackup> OpenAsync(VaultCommand command, BackupVault vault, string run, string stream, bool isLast)
    {
        var request = new StreamBackupRequest
        {
            Source = command.SourceId,
            Run = run,
            Stream = stream,
            // A run that was named may have been begun before.
            IsInOneProcess = isLast && command.Parsed.GetValue(Run) is null,
            Mode = command.Parsed.GetValue(Incremental) ? ReadMode.Incremental : ReadMode.FullSweep,
            Settings = new StreamSettings
            {
                PrimaryKey = [.. command.Parsed.GetRequiredValue(PrimaryKey).Select(PointerOf)],
                VolatileFields = [.. (command.Parsed.GetValue(Volatile) ?? []).Select(PointerOf)],
            },
        };
        var backup = await vault.BackUpStreamAsync(request, command.Cancellation);
        if (backup.CommittedPrimaryKey is { } before && !before.SequenceEqual(request.Settings.PrimaryKey, StringComparer.Ordinal) && !command.Parsed.GetValue(ChangePrimaryKey))
            throw new CommandException($"The primary key of stream {stream} is {string.Join(", ", before)}. With another every record would count as new and those before as gone; if that is meant, say --change-primary-key.", ExitCode.Usage);
        return backup;
    }

    private static async Task<StreamOutcome> FinishAsync(VaultCommand command, StreamBackup backup, string file)
    {
        if (backup.Outcome is null) await ReadAsync(command, backup, file);
        var finish = new StreamFinish
        {
            IsComplete = true,
            CursorOut = command.Parsed.GetValue(Cursor),
            Evidence = new CoverageEvidence { ReportedTotal = command.Parsed.GetValue(Total) },
        };
        return await backup.FinishAsync(finish, command.Cancellation);
    }

    private static async Task ReadAsync(VaultCommand command, StreamBackup backup, string input)
    {
        await using var stream = input == "-" ? Console.OpenStandardInput() : File.OpenRead(input);
        var files = command.Parsed.GetValue(Attachments) is { } folder ? new VaultFiles(folder, [.. (command.Parsed.GetValue(AttachmentFields) ?? []).Select(PointerOf)]) : null;
        await foreach (var line in Lines.ReadAsync(stream, command.Cancellation))
            await backup.WriteAsync(null, line, files is null ? [] : await files.StoreAsync(backup, line, command.Cancellation), command.Cancellation);
        if (command.Parsed.GetValue(Deleted) is not { } deleted) return;
        await foreach (var key in File.ReadLinesAsync(deleted, command.Cancellation)) await backup.DeleteAsync(key, command.Cancellation);
    }

    internal static string PointerOf(string field) => field.StartsWith('/') ? field : $"/{JsonPointer.Escape(field)}";
}
