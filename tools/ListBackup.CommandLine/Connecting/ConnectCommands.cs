using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>platforms, connections, connect.</summary>
internal static class ConnectCommands
{
    private const int ListMost = 10_000;
    private static readonly Option<string?> Search = new("--search") { Description = "Only platforms whose name holds this." };
    private static readonly Argument<string> Platform = new("platform") { Description = "Id of the platform, as 'listbackup platforms' shows it." };
    private static readonly Option<string?> Name = new("--name") { Description = "What to call it. Default: the platform's id." };
    private static readonly Option<string?> Config = new("--config") { Description = "JSON file with what the platform asks for; '-' reads standard input.", Required = true };

    public static IEnumerable<Command> Build() =>
    [
        ApiCommand.Build("platforms", "Platforms that can be backed up.", [Search], PlatformsAsync),
        ApiCommand.Build("connections", "Connections of the account.", [], ConnectionsAsync),
        ApiCommand.Build("connect", "Connect a platform and try the connection.", [Platform, Name, Config], ConnectAsync),
    ];

    private static async Task<int> PlatformsAsync(ApiCommand command)
    {
        var search = command.Parsed.GetValue(Search);
        var path = search is null ? "v1/platforms" : $"v1/platforms?search={Uri.EscapeDataString(search)}";
        command.Report.Rows(await command.AllAsync(path, ListMost), "No platform matches.",
            ("Id", row => (string?)row["id"]), ("Name", row => (string?)row["title"] ?? (string?)row["name"]), ("Category", row => (string?)row["category"]));
        return ExitCode.Success;
    }

    private static async Task<int> ConnectionsAsync(ApiCommand command)
    {
        command.Report.Rows(await command.AllAsync($"{command.AccountPath}/connections", ListMost), "There is no connection yet. Make one with 'listbackup connect'.",
            ("Id", row => (string?)row["id"]), ("Name", row => (string?)row["name"]), ("Platform", row => (string?)row["platform"]),
            ("State", row => (string?)row["health"]?["state"]), ("Reason", row => (string?)row["health"]?["reason"]));
        return ExitCode.Success;
    }

    private static async Task<int> ConnectAsync(ApiCommand command)
    {
        var platform = command.Parsed.GetValue(Platform)!; // Required by the parser.
        var body = new JsonObject { ["name"] = command.Parsed.GetValue(Name) ?? platform, ["platform"] = platform, ["config"] = ReadConfig(command.Parsed.GetValue(Config)!) };
        var connection = await command.Api.PostAsync($"{command.AccountPath}/connections", body, command.Cancellation);
        var id = (string)connection["id"]!;
        var test = await command.Api.PostAsync($"{command.AccountPath}/connections/{id}/test", null, command.Cancellation);
        connection["test"] = test.DeepClone();
        if ((string?)test["warning"] is { } warning) await Console.Error.WriteLineAsync($"Warning: {warning}");
        var works = (bool)test["succeeded"]!;
        command.Report.Value(connection, works ? $"Connected: {id}. Next: listbackup source create --connection {id}" : $"{id} was made, but the platform refuses it: {(string?)test["reason"]}");
        return works ? ExitCode.Success : ExitCode.Failure;
    }

    private static JsonNode ReadConfig(string file)
    {
        var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new CommandException($"{file} holds no JSON object.", ExitCode.Usage);
        }
        catch (JsonException exception)
        {
            // The parser's message may quote the text, and the text holds secrets.
            throw new CommandException($"{file} is not JSON (line {(exception.LineNumber ?? 0) + 1}).", ExitCode.Usage);
        }
    }
}
