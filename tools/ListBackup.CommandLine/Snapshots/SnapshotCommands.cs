using System.CommandLine;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>snapshots, diff.</summary>
internal static class SnapshotCommands
{
    private static readonly Argument<long> From = new("from") { Description = "Number of the older snapshot." };
    private static readonly Argument<long> To = new("to") { Description = "Number of the newer snapshot." };
    private static readonly Option<long?> Seq = new("--seq") { Description = "One snapshot with its streams and their certificates." };
    private static readonly Option<string?> Stream = new("--stream") { Description = "The records of this stream that differ. Default: counts per stream." };

    public static IEnumerable<Command> Build() =>
    [
        ApiCommand.Build("snapshots", "Snapshots of a source, newest first, or one of them.", [SourceArgument.Source, Seq, Listing.Most], SnapshotsAsync),
        ApiCommand.Build("diff", "What changed between two snapshots.", [SourceArgument.Source, From, To, Stream, Listing.Most], DiffAsync),
    ];

    private static async Task<int> SnapshotsAsync(ApiCommand command)
    {
        var path = $"{await SourceArgument.PathAsync(command)}/snapshots";
        if (command.Parsed.GetValue(Seq) is { } seq)
        {
            var snapshot = await command.Api.GetAsync($"{path}/{seq}", command.Cancellation);
            if (command.Report.IsJson) command.Report.Value(snapshot, "");
            else ShowStreams(command, snapshot);
            return ExitCode.Success;
        }
        command.Report.Rows(await command.AllAsync(path, command.Parsed.GetValue(Listing.Most)), "There is no snapshot yet.",
            ("Seq", row => row["seq"]?.ToString()), ("At", row => Listing.Time(row["at"])), ("Coverage", row => (string?)row["coverage"]), ("Live", row => row["live"]?.ToString()),
            ("Added", row => row["added"]?.ToString()), ("Changed", row => row["changed"]?.ToString()), ("Deleted", row => row["deleted"]?.ToString()), ("Bytes", row => row["bytesAdded"]?.ToString()));
        return ExitCode.Success;
    }

    private static void ShowStreams(ApiCommand command, JsonNode snapshot) => command.Report.Rows([.. snapshot["streams"]!.AsArray().Select(s => s!)], "It has no streams.",
        ("Stream", row => (string?)row["stream"]), ("Live", row => row["live"]?.ToString()), ("Added", row => row["added"]?.ToString()), ("Changed", row => row["changed"]?.ToString()),
        ("Deleted", row => row["deleted"]?.ToString()), ("Coverage", row => (string?)row["certificate"]?["coverage"]), ("Told", row => row["certificate"]?["reportedTotal"]?.ToString()),
        ("Reason", row => (string?)row["certificate"]?["reason"]));

    private static async Task<int> DiffAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var range = $"from={command.Parsed.GetValue(From)}&to={command.Parsed.GetValue(To)}";
        if (command.Parsed.GetValue(Stream) is { } stream)
        {
            command.Report.Rows(await command.AllAsync($"{source}/diff/{Uri.EscapeDataString(stream)}?{range}", command.Parsed.GetValue(Listing.Most)), "Nothing differs.",
                ("Key", row => (string?)row["key"]), ("Kind", row => (string?)row["kind"]), ("Fields", row => string.Join(" ", row["changedFields"]!.AsArray().Select(f => (string?)f))));
            return ExitCode.Success;
        }
        command.Report.Rows(await command.AllAsync($"{source}/diff?{range}", int.MaxValue), "Nothing differs.",
            ("Stream", row => (string?)row["stream"]), ("Added", row => row["added"]?.ToString()), ("Changed", row => row["changed"]?.ToString()), ("Deleted", row => row["deleted"]?.ToString()),
            ("Fields", row => string.Join(" ", row["changedFields"]!.AsObject().Select(f => $"{f.Key}×{f.Value}"))));
        return ExitCode.Success;
    }
}
