using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace ListBackup.CommandLine;

/// <summary>restore, undo.</summary>
internal static class RestoreCommand
{
    private const int ItemsShown = 50;
    private static readonly Option<long> At = new("--at") { Description = "Number of the snapshot to bring back.", Required = true };
    private static readonly Option<string[]> Streams = new("--stream") { Description = "Only this stream; repeat for more." };
    private static readonly Option<string[]> Records = new("--record") { Description = "Only this record, as STREAM/KEY; repeat for more." };
    private static readonly Option<bool> Everything = new("--changed-too") { Description = "Also put back what was changed since, not only what was deleted." };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Also overwrite what was changed at the platform since the last backup." };
    private static readonly Option<bool> BringBack = new("--bring-back-consent") { Description = "Bring the consent of people who were deleted since back too. What they said right before they were deleted nobody knows." };
    private static readonly Option<bool> RemoveAdded = new("--remove-added") { Description = "Also take off tags and the like that were added since. Without it they stay." };
    private static readonly Option<string[]> Fields = new("--field") { Description = "What becomes of a field, as /POINTER=restore, keep or overwrite (restore also what was changed since the last backup); repeat for more." };
    private static readonly Option<string?> OtherFields = new("--other-fields") { Description = "What becomes of fields without --field: restore (the default) or keep." };
    private static readonly Option<bool> PlanOnly = new("--plan") { Description = "Make and show the plan; write nothing." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Apply the plan without asking." };
    private static readonly Argument<string> Job = new("job") { Description = "Id of the restore." };

    public static IEnumerable<Command> Build() =>
    [
        ApiCommand.Build("restore", "Bring records back to the platform: plan, show, ask, apply.", [SourceArgument.Source, At, Streams, Records, Everything, Overwrite, BringBack, RemoveAdded, Fields, OtherFields, PlanOnly, Yes], RestoreAsync),
        ApiCommand.Build("undo", "Take a restore back.", [SourceArgument.Source, Job], UndoAsync),
    ];

    private static async Task<int> RestoreAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var body = new JsonObject { ["seq"] = command.Parsed.GetValue(At), ["selection"] = Selection(command.Parsed) };
        if (command.Parsed.GetValue(Overwrite)) body["conflicts"] = "overwrite";
        if (command.Parsed.GetValue(BringBack)) body["consentOfDeleted"] = "bringBack";
        if (command.Parsed.GetValue(RemoveAdded)) body["addedItems"] = "remove";
        if (command.Parsed.GetValue(Fields) is { Length: > 0 } fields) body["fields"] = FieldsOf(fields);
        if (command.Parsed.GetValue(OtherFields) is { } others) body["otherFields"] = others;
        var job = await command.Api.PostAsync($"{source}/restores", body, command.Cancellation);
        var (id, path) = ((string)job["id"]!, $"{source}/jobs/{job["id"]}");
        job = await JobWatch.FollowAsync(command, path);
        if ((string?)job["state"] != "planned") throw new CommandException($"The plan {job["state"]}: {job["reason"]?["message"]}");

        await ShowPlanAsync(command, $"{source}/restores/{id}/items", job["restore"]!);
        if (command.Parsed.GetValue(PlanOnly) || !Agreed(command))
        {
            command.Report.Value(job, $"Nothing was written. The plan is {id}.");
            return ExitCode.Success;
        }
        await command.Api.PostAsync($"{source}/restores/{id}/approve", null, command.Cancellation);
        job = await JobWatch.FollowAsync(command, path);
        var applied = job["restore"]!["applied"]!;
        command.Report.Value(job, $"Restore {id} {job["state"]}: {applied["created"]} created, {applied["updated"]} updated, {applied["left"]} left alone, {applied["refused"]} refused. Take it back with: listbackup undo {command.Parsed.GetValue(SourceArgument.Source)} {id}");
        return (string?)job["state"] == "succeeded" ? ExitCode.Success : ExitCode.NotProven;
    }

    private static JsonObject Selection(ParseResult parsed)
    {
        var (streams, records) = (parsed.GetValue(Streams) ?? [], parsed.GetValue(Records) ?? []);
        if (records.Length > 0)
            return new() { ["kind"] = "records", ["records"] = new JsonArray([.. records.Select(Record)]) };
        var all = parsed.GetValue(Everything);
        var selection = new JsonObject { ["kind"] = !all ? "deletions" : streams.Length > 0 ? "streams" : "everything" };
        if (streams.Length > 0) selection["streams"] = new JsonArray([.. streams.Select(s => (JsonNode)s)]);
        return selection;
    }

    private static JsonObject FieldsOf(string[] texts)
    {
        var fields = texts.Select(Field).ToList();
        return fields.DistinctBy(field => field.Key).Count() == fields.Count ? new(fields) : throw new CommandException("A field has one --field.", ExitCode.Usage);
    }

    private static KeyValuePair<string, JsonNode?> Field(string text) => text.LastIndexOf('=') is > 0 and var equals
        ? new(text[..equals], text[(equals + 1)..])
        : throw new CommandException($"'{text}' does not say what becomes of a field, as /POINTER=restore, keep or overwrite.", ExitCode.Usage);

    private static JsonNode Record(string text) => text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
        ? new JsonObject { ["stream"] = text[..slash], ["key"] = text[(slash + 1)..] }
        : throw new CommandException($"'{text}' does not name a record as STREAM/KEY.", ExitCode.Usage);

    private static async Task ShowPlanAsync(ApiCommand command, string items, JsonNode restore)
    {
        if (command.Report.IsJson) return;
        var plan = restore["plan"]!;
        foreach (var warning in restore["warnings"]!.AsArray()) Console.Out.WriteLine($"Note: {warning}");
        command.Report.Rows(await command.AllAsync(items, ItemsShown), "There is nothing to bring back.",
            ("Stream", row => (string?)row["stream"]), ("Key", row => (string?)row["key"]), ("What", row => (string?)row["action"]),
            ("Fields", row => string.Join(" ", row["fields"]?.AsArray().Select(f => (string?)f) ?? [])), ("Note", row => (string?)row["note"]));
        Console.Out.WriteLine($"Plan: {plan["creates"]} to create, {plan["updates"]} to update, {plan["secondWrites"]} second writes, {plan["same"]} as they were, {plan["skips"]} left alone, {plan["refused"]} refused; {plan["withoutConsent"]} without the consent they had, {plan["withConsent"]} with it though deleted since; {plan["calls"]} calls{(plan["minutes"] is { } minutes ? $", about {minutes} min" : "")}.");
    }

    private static bool Agreed(ApiCommand command) => command.Parsed.GetValue(Yes)
        || (Console.IsInputRedirected ? throw new CommandException("Nobody is at a terminal to agree. Use --yes to apply, --plan to look.", ExitCode.Usage) : command.Report.Remarks.Confirm("Write this to the platform?", false));

    private static async Task<int> UndoAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var id = command.Parsed.GetValue(Job)!; // Required by the parser.
        await command.Api.PostAsync($"{source}/restores/{Uri.EscapeDataString(id)}/undo", null, command.Cancellation);
        var job = await JobWatch.FollowAsync(command, $"{source}/jobs/{Uri.EscapeDataString(id)}");
        var undo = job["restore"]?["undo"];
        command.Report.Value(job, $"Undo {job["state"]}: {undo?["undone"]} taken back, {undo?["notUndone"]} not. {job["reason"]?["message"]}");
        return (long?)undo?["notUndone"] == 0 ? ExitCode.Success : ExitCode.NotProven;
    }
}
