using System.CommandLine;
using System.Text.Json.Nodes;
using ListBackup.Connectors;

namespace ListBackup.CommandLine;

/// <summary>connector discover: which streams are there?</summary>
internal static class ConnectorDiscover
{
    private static readonly Option<bool> Jsonl = new("--jsonl") { Description = "One JSON line per stream, with its schema." };

    private static readonly Option<bool> Infer = new("--infer") { Description = "Read a few records of each stream that has no schema, and describe them. Costs requests." };

    public static Command Build()
    {
        var command = new Command("discover", "List the streams of a connector.") { ConnectorCommands.Manifest, ConnectorCommands.Config, ConnectorCommands.Strict, Jsonl, Infer };
        command.SetAction(RunAsync);

        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var connector = ConnectorCommands.Load(parsed);
        using var http = ConnectorCommands.OpenHttp();
        try
        {
            var streams = await connector.DiscoverAsync(ConnectorCommands.LoadConfig(parsed), new ConnectorPorts { Http = http }, new DiscoverOptions { InferSchemas = parsed.GetValue(Infer) }, cancellation);
            var lines = parsed.GetValue(Jsonl) || Console.IsOutputRedirected;
            foreach (var stream in streams)
                Console.Out.WriteLine(lines ? Line(stream) : Sentence(stream));

            if (streams.Doubt is { } doubt)
                Console.Error.WriteLine($"Warning: {doubt}");

            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is PlatformException or ConfigException or Connectors.Expressions.ExpressionException)
        {
            throw new CommandException(exception.Message, ExitCode.Failure);
        }
    }

    private static string Line(StreamInfo stream) => new JsonObject
    {
        ["stream"] = stream.Name,
        ["title"] = stream.Extensions.Title,
        ["primaryKey"] = new JsonArray([.. stream.PrimaryKey.Select(key => (JsonNode)new JsonArray([.. key.Keys.Select(part => (JsonNode)part)]))]),
        ["cursorField"] = stream.CursorField?.ToString(),
        ["syncModes"] = new JsonArray([.. Modes(stream).Select(mode => (JsonNode)mode)]),
        ["parents"] = new JsonArray([.. stream.Parents.Select(parent => (JsonNode)parent)]),
        ["groups"] = new JsonArray([.. stream.Groups.Select(group => (JsonNode)group)]),
        ["schemaIsInferred"] = stream.SchemaIsInferred,
        ["schema"] = JsonNode.Parse(stream.Schema.GetRawText()),
    }.ToJsonString();

    private static string Sentence(StreamInfo stream)
    {
        var key = stream.PrimaryKey.Count == 0 ? "no key" : $"key {string.Join(" + ", stream.PrimaryKey)}";

        return $"{stream.Name,-32} {key}{(stream.CursorField is { } cursor ? $", by {cursor}" : "")}{(stream.Parents.Count > 0 ? $", of each {string.Join(", ", stream.Parents)}" : "")}";
    }

    private static IEnumerable<string> Modes(StreamInfo stream) => stream.SyncModes.HasFlag(SyncModes.Incremental) ? ["full_refresh", "incremental"] : ["full_refresh"];
}
