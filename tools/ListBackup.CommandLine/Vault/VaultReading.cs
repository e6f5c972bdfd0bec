using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>vault snapshots, show, diff, history, restore.</summary>
internal static class VaultReading
{
    public static readonly Argument<string> Key = new("KEY") { Description = "The record's key." };
    public static readonly Option<long> From = new("--from") { Description = "Number of the earlier snapshot; 0 for the empty beginning.", Required = true };
    public static readonly Option<long?> To = new("--to") { Description = "Number of the later snapshot. Default: the newest." };
    public static readonly Option<bool> Summary = new("--summary") { Description = "Numbers only." };
    public static readonly Option<bool> SortByKey = new("--sort-by-key") { Description = "In the order of the keys' bytes." };

    private const int OutputBufferBytes = 1024 * 1024;

    public static async Task<int> SnapshotsAsync(VaultCommand command)
    {
        var rows = new List<JsonNode>();
        await foreach (var snapshot in (await command.OpenAsync()).ListSnapshotsAsync(command.SourceId, command.Cancellation))
            rows.Add(JsonSerializer.SerializeToNode(snapshot, VaultJson.Default.Snapshot)!);
        command.Report.Rows(
            rows,
            "There is no snapshot.",
            ("Seq", row => row["seq"]!.ToString()),
            ("Time", row => Listing.Time(row["time"])),
            ("Streams", row => string.Join(", ", row["streams"]!.AsArray().Select(stream => $"{stream!["stream"]}: {stream["live"]} ({stream["coverage"]!["level"]})"))),
            ("Bytes added", row => row["bytesAdded"]!.ToString()));
        return ExitCode.Success;
    }

    public static async Task<int> ShowAsync(VaultCommand command)
    {
        var key = command.Parsed.GetRequiredValue(Key);
        var vault = await command.OpenAsync();
        var snapshot = await vault.OpenSnapshotAsync(command.SourceId, await command.SeqAsync(vault), command.Cancellation);
        var record = await snapshot.FindAsync(command.StreamName, key, command.Cancellation)
            ?? throw new CommandException($"Snapshot {snapshot.Snapshot.Seq} has no record {key} in stream {command.StreamName}.");
        await using var output = Output();
        await WriteLineAsync(output, record.Json, command.Cancellation);
        return ExitCode.Success;
    }

    public static async Task<int> DiffAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var from = command.Parsed.GetRequiredValue(From);
        var to = command.Parsed.GetValue(To) ?? (await vault.FindNewestSnapshotAsync(command.SourceId, command.Cancellation))?.Seq
            ?? throw new CommandException($"There is no snapshot of source {command.SourceId}.");
        if (command.Parsed.GetValue(Summary))
        {
            var summary = await vault.SummarizeDiffAsync(command.SourceId, command.StreamName, from, to, command.Cancellation);
            command.Report.Value(
                JsonSerializer.SerializeToNode(summary, VaultJson.Default.DifferenceSummary)!,
                $"{summary.Added} added, {summary.Changed} changed, {summary.Deleted} deleted between snapshots {from} and {to}.");
            return ExitCode.Success;
        }

        await foreach (var difference in vault.DiffAsync(command.SourceId, command.StreamName, from, to, command.Cancellation))
        {
            command.Report.Value(
                new JsonObject
                {
                    ["key"] = difference.Key,
                    ["kind"] = difference.Kind.ToString().ToLowerInvariant(),
                    ["changedFields"] = new JsonArray([.. difference.ChangedFields.Select(field => JsonValue.Create(field))]),
                },
                $"{difference.Kind.ToString().ToLowerInvariant()} {difference.Key} {string.Join(' ', difference.ChangedFields)}".TrimEnd());
        }

        return ExitCode.Success;
    }

    public static async Task<int> HistoryAsync(VaultCommand command)
    {
        var history = await (await command.OpenAsync()).GetHistoryAsync(command.SourceId, command.StreamName, command.Parsed.GetRequiredValue(Key), command.Cancellation);
        if (history.Count == 0) throw new CommandException($"Stream {command.StreamName} never had a record {command.Parsed.GetValue(Key)}.");
        foreach (var version in history)
        {
            var text = version.Json is { } json ? System.Text.Encoding.UTF8.GetString(json.Span) : null;
            command.Report.Value(
                new JsonObject { ["seq"] = version.Seq, ["operation"] = version.Operation.ToString().ToLowerInvariant(), ["time"] = version.Time?.ToString("O"), ["text"] = text },
                $"{version.Seq} {version.Time:yyyy-MM-dd HH:mm:ss'Z'} {version.Operation.ToString().ToLowerInvariant()} {text}".TrimEnd());
        }

        return ExitCode.Success;
    }

    public static async Task<int> RestoreAsync(VaultCommand command)
    {
        var vault = await command.OpenAsync();
        var snapshot = await vault.OpenSnapshotAsync(command.SourceId, await command.SeqAsync(vault), command.Cancellation);
        var records = command.Parsed.GetValue(SortByKey)
            ? snapshot.ReadSortedAsync(command.StreamName, command.Cancellation)
            : snapshot.ReadAsync(command.StreamName, command.Cancellation);
        await using var output = Output();
        await foreach (var record in records) await WriteLineAsync(output, record.Json, command.Cancellation);
        return ExitCode.Success;
    }

    private static BufferedStream Output() => new(Console.OpenStandardOutput(), OutputBufferBytes);

    private static async ValueTask WriteLineAsync(BufferedStream output, ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        await output.WriteAsync(line, cancellation);
        output.WriteByte((byte)'\n');
    }
}
