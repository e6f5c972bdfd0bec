using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;

namespace ListBackup.CommandLine;

/// <summary>connector read: the records of one, several or all streams. With --state a read that was stopped goes on at its next page.</summary>
internal static class ConnectorRead
{
    private static readonly Option<FileInfo?> State = new("--state") { Description = "Where reading stands, a JSON file: read at the start if it is there, written after each page." };
    private static readonly Option<string[]> Streams = new("--stream") { Description = "A stream to read; repeat it for several. Without it all are read.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool> Jsonl = new("--jsonl") { Description = "Records as JSON lines even on a terminal." };
    private static readonly Option<long?> Most = new("--most") { Description = "Stop a stream after so many records." };

    public static Command Build()
    {
        var command = new Command("read", "Read streams. Piped, each record is a JSON line; on a terminal, progress is shown.")
        {
            ConnectorCommands.Manifest, ConnectorCommands.Config, ConnectorCommands.Strict, State, Streams, Jsonl, Most,
        };
        command.SetAction(RunAsync);

        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var connector = ConnectorCommands.Load(parsed);
        var config = ConnectorCommands.LoadConfig(parsed);
        var file = parsed.GetValue(State);
        var states = ReadStates(file);
        using var http = ConnectorCommands.OpenHttp();
        var ports = new ConnectorPorts { Http = http };
        var names = parsed.GetValue(Streams) is { Length: > 0 } chosen ? chosen : await NamesAsync(connector, config, ports, cancellation);
        await using var output = parsed.GetValue(Jsonl) || Console.IsOutputRedirected ? new BufferedStream(Console.OpenStandardOutput(), 1 << 16) : null;

        var complete = true;
        foreach (var name in names)
        {
            var request = new ReadRequest
            {
                Stream = name,
                Config = config,
                State = states[name] is { } state ? StreamState.Parse(state.ToJsonString()) : null,
                RecordsMax = parsed.GetValue(Most),
            };
            try
            {
                complete &= await ReadAsync(connector, request, ports, output, after => SaveState(file, states, name, after), cancellation);
            }
            catch (Exception exception) when (exception is PlatformException or ConfigException or UnknownStreamException or Connectors.Expressions.ExpressionException)
            {
                throw new CommandException(exception.Message, ExitCode.Failure);
            }
        }

        return complete ? ExitCode.Success : ExitCode.NotProven;
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(Connector connector, ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation)
    {
        try
        {
            return [.. (await connector.DiscoverAsync(config, ports, new DiscoverOptions { AskForSchemas = false }, cancellation)).Select(stream => stream.Name)];
        }
        catch (Exception exception) when (exception is PlatformException or ConfigException or Connectors.Expressions.ExpressionException)
        {
            throw new CommandException(exception.Message, ExitCode.Failure);
        }
    }

    private static async Task<bool> ReadAsync(
        Connector connector, ReadRequest request, ConnectorPorts ports, Stream? output, Action<StreamState> save, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var head = System.Text.Encoding.UTF8.GetBytes($"{{\"stream\":{JsonValue.Create(request.Stream).ToJsonString()},\"record\":");
        Coverage? coverage = null;
        await foreach (var batch in connector.ReadAsync(request, ports, cancellation))
        {
            using (batch)
            {
                if (output is not null)
                {
                    foreach (var record in batch.Records)
                    {
                        output.Write(head);
                        Flat(record.Span, output);
                        output.Write("}\n"u8);
                    }

                    // Records first, state second: a crash between the two repeats a page and loses none.
                    output.Flush();
                }

                save(batch.StateAfter);
                coverage = batch.Coverage;
                if (!Console.IsErrorRedirected)
                    Console.Error.Write($"\r{request.Stream}: {batch.Evidence.RowsKept:N0} records, {batch.Evidence.Pages:N0} pages ");
            }
        }

        var evidence = coverage!.Evidence;
        var total = evidence.ReportedTotal is { } reported ? $" of {reported:N0}" : "";
        Console.Error.WriteLine(
            $"{(Console.IsErrorRedirected ? "" : "\r")}{request.Stream}: {evidence.RowsKept:N0}{total} records, {evidence.Pages:N0} pages, {evidence.Requests:N0} requests, " +
            $"{evidence.Retries:N0} retries, {evidence.RowsRefused:N0} refused, {clock.Elapsed.TotalSeconds:0.0} s{(coverage.Detail is null ? "" : $". {(coverage.Complete ? "" : "Not complete: ")}{coverage.Detail}")}");

        return coverage.Complete || coverage.Cut == CutReason.RecordsMax;
    }

    /// <summary>A record may be spelled over several lines; its line breaks can only stand between its tokens, so they may go.</summary>
    private static void Flat(ReadOnlySpan<byte> record, Stream output)
    {
        foreach (var range in record.SplitAny("\r\n"u8))
            output.Write(record[range]);
    }

    private static JsonObject ReadStates(FileInfo? file)
    {
        if (file is not { Exists: true })
            return [];
        try
        {
            return JsonNode.Parse(File.ReadAllText(file.FullName)) as JsonObject ?? throw new CommandException($"{file} is not a JSON object.", ExitCode.Usage);
        }
        catch (JsonException)
        {
            throw new CommandException($"{file} is not JSON.", ExitCode.Usage);
        }
    }

    private static void SaveState(FileInfo? file, JsonObject states, string stream, StreamState state)
    {
        if (file is null)
            return;
        states[stream] = JsonNode.Parse(state.ToJson());
        var next = file.FullName + ".next";
        File.WriteAllText(next, states.ToJsonString());
        File.Move(next, file.FullName, overwrite: true);
    }
}
