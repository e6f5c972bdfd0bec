using System.CommandLine;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>sources, source create, sync, runs.</summary>
internal static class SourceCommands
{
    private const int ListMost = 10_000;
    private static readonly Option<string> Connection = new("--connection") { Description = "Id of the connection.", Required = true };
    private static readonly Option<string> Name = new("--name") { Description = "What to call it.", Required = true };
    private static readonly Option<string[]> Streams = new("--stream") { Description = "Only this stream; repeat for more. Default: all, new ones included." };
    private static readonly Option<string?> Cron = new("--cron") { Description = "When to sync: a cron expression of five fields." };
    private static readonly Option<string?> TimeZone = new("--time-zone") { Description = "IANA time zone of --cron. Default: UTC." };
    private static readonly Option<int?> EveryMinutes = new("--every-minutes") { Description = "Or: sync every so many minutes." };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Follow the run to its end; exit code 4 when it is not complete." };
    private static readonly Option<bool> Full = new("--full") { Description = "Read every stream in full, cursors or not." };

    public static IEnumerable<Command> Build()
    {
        var source = new Command("source", "Change sources.");
        source.Add(ApiCommand.Build("create", "Make a source of a connection.", [Connection, Name, Streams, Cron, TimeZone, EveryMinutes], CreateAsync));
        return
        [
            ApiCommand.Build("sources", "Sources of the account, and how they are.", [], ListAsync),
            source,
            ApiCommand.Build("sync", "Back up a source now.", [SourceArgument.Source, Watch, Full], SyncAsync),
            ApiCommand.Build("runs", "Runs of a source, newest first.", [SourceArgument.Source, Listing.Most], RunsAsync),
        ];
    }

    private static async Task<int> ListAsync(ApiCommand command)
    {
        command.Report.Rows(await command.AllAsync($"{command.AccountPath}/sources", ListMost), "There is no source yet. Make one with 'listbackup source create'.",
            ("Id", row => (string?)row["id"]), ("Name", row => (string?)row["name"]), ("Platform", row => (string?)row["platform"]), ("Health", row => (string?)row["health"]),
            ("Last snapshot", row => row["lastSnapshot"] is { } last ? $"{last["seq"]} at {Listing.Time(last["at"])}" : null), ("Next run", row => Listing.Time(row["nextRunAt"])),
            ("Reason", row => (string?)row["lastRun"]?["reason"]?["message"]));
        return ExitCode.Success;
    }

    private static async Task<int> CreateAsync(ApiCommand command)
    {
        var body = new JsonObject { ["name"] = command.Parsed.GetValue(Name), ["connectionId"] = command.Parsed.GetValue(Connection) };
        if (command.Parsed.GetValue(Streams) is { Length: > 0 } streams)
            body["streams"] = new JsonArray([.. streams.Select(name => (JsonNode)new JsonObject { ["name"] = name })]);
        if (Schedule(command.Parsed) is { } schedule) body["schedule"] = schedule;
        var source = await command.Api.PostAsync($"{command.AccountPath}/sources", body, command.Cancellation);
        command.Report.Value(source, $"Made {source["id"]}. Next: listbackup sync {source["id"]} --watch");
        return ExitCode.Success;
    }

    private static JsonObject? Schedule(ParseResult parsed)
    {
        var (cron, minutes) = (parsed.GetValue(Cron), parsed.GetValue(EveryMinutes));
        if (cron is null && minutes is null) return null;
        var schedule = new JsonObject();
        if (cron is not null) schedule["cron"] = cron;
        if (parsed.GetValue(TimeZone) is { } zone) schedule["timeZone"] = zone;
        if (minutes is not null) schedule["everyMinutes"] = minutes;
        return schedule;
    }

    private static async Task<int> SyncAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var body = command.Parsed.GetValue(Full) ? new JsonObject { ["fullSweep"] = true } : [];
        var run = await command.Api.PostAsync($"{source}/sync", body, command.Cancellation);
        if (!command.Parsed.GetValue(Watch))
        {
            command.Report.Value(run, $"Run {run["id"]} is {run["state"]}.");
            return ExitCode.Success;
        }
        run = await new RunWatch(command, $"{source}/runs/{run["id"]}").RunAsync();
        command.Report.Value(run, Sentence(run));
        return (string?)run["state"] == "succeeded" ? ExitCode.Success : ExitCode.NotProven;
    }

    private static string Sentence(JsonNode run)
    {
        var counts = run["counts"];
        var text = $"Run {run["id"]} {run["state"]}: {counts?["records"] ?? 0} records read, {counts?["added"] ?? 0} added, {counts?["changed"] ?? 0} changed, {counts?["deleted"] ?? 0} deleted";
        if (run["snapshotSeq"] is { } seq) text += $", snapshot {seq}";
        return run["reason"]?["message"] is { } reason ? $"{text}. {reason}" : text + ".";
    }

    private static async Task<int> RunsAsync(ApiCommand command)
    {
        command.Report.Rows(await command.AllAsync($"{await SourceArgument.PathAsync(command)}/runs", command.Parsed.GetValue(Listing.Most)), "It has not run yet.",
            ("Id", row => (string?)row["id"]), ("State", row => (string?)row["state"]), ("Trigger", row => (string?)row["trigger"]), ("Queued", row => Listing.Time(row["queuedAt"])),
            ("Finished", row => Listing.Time(row["finishedAt"])), ("Snapshot", row => row["snapshotSeq"]?.ToString()), ("Reason", row => (string?)row["reason"]?["message"]));
        return ExitCode.Success;
    }
}
