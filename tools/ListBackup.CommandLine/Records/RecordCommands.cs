using System.CommandLine;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>records, deleted, history.</summary>
internal static class RecordCommands
{
    private const int ContentShown = 120;
    private static readonly Argument<string> Stream = new("stream") { Description = "Name of the stream." };
    private static readonly Argument<string> Key = new("key") { Description = "Key of the record." };
    private static readonly Option<long?> At = new("--at") { Description = "Number of the snapshot. Default: the newest." };
    private static readonly Option<string?> Query = new("--query") { Description = "Only records that hold this text." };

    public static IEnumerable<Command> Build() =>
    [
        ApiCommand.Build("records", "Records of a stream in a snapshot. With --json: one record per line, the platform's own JSON.", [SourceArgument.Source, Stream, At, Query, Listing.Most], RecordsAsync),
        ApiCommand.Build("deleted", "Records that are no longer there, with their last content.", [SourceArgument.Source, Stream, At, Listing.Most], DeletedAsync),
        ApiCommand.Build("history", "All versions of one record.", [SourceArgument.Source, Stream, Key], HistoryAsync),
    ];

    private static async Task<int> RecordsAsync(ApiCommand command)
    {
        var query = command.Parsed.GetValue(Query) is { } text ? $"?q={Uri.EscapeDataString(text)}" : "";
        var path = $"{await StreamPathAsync(command)}/records{query}";
        if (command.Report.IsJson)
        {
            await foreach (var record in command.Api.ListAsync(path, command.Parsed.GetValue(Listing.Most), command.Cancellation)) Console.Out.WriteLine(record["content"]!.ToJsonString());
            return ExitCode.Success;
        }
        command.Report.Rows(await command.AllAsync(path, command.Parsed.GetValue(Listing.Most)), "No record matches.",
            ("Key", row => (string?)row["key"]), ("Since", row => row["seq"]?.ToString()), ("Content", row => Short(row["content"])));
        return ExitCode.Success;
    }

    private static async Task<int> DeletedAsync(ApiCommand command)
    {
        command.Report.Rows(await command.AllAsync($"{await StreamPathAsync(command)}/deleted", command.Parsed.GetValue(Listing.Most)), "Nothing was deleted.",
            ("Key", row => (string?)row["key"]), ("How", row => (string?)row["operation"]), ("In snapshot", row => row["deletedSeq"]?.ToString()), ("Last content", row => Short(row["lastContent"])));
        return ExitCode.Success;
    }

    private static async Task<int> HistoryAsync(ApiCommand command)
    {
        var path = $"{await SourceArgument.PathAsync(command)}/streams/{Uri.EscapeDataString(command.Parsed.GetValue(Stream)!)}/history?key={Uri.EscapeDataString(command.Parsed.GetValue(Key)!)}";
        command.Report.Rows(await command.AllAsync(path, int.MaxValue), "It was never there.",
            ("Snapshot", row => row["seq"]?.ToString()), ("At", row => Listing.Time(row["at"])), ("What", row => (string?)row["operation"]), ("Content", row => Short(row["content"])));
        return ExitCode.Success;
    }

    private static async Task<string> StreamPathAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var seq = command.Parsed.GetValue(At) ?? await SourceArgument.NewestSnapshotAsync(command, source);
        return $"{source}/snapshots/{seq}/streams/{Uri.EscapeDataString(command.Parsed.GetValue(Stream)!)}"; // Required by the parser.
    }

    private static string? Short(JsonNode? content) =>
        content?.ToJsonString() is { } text ? text.Length <= ContentShown ? text : string.Concat(text.AsSpan(0, ContentShown), "…") : null;
}
