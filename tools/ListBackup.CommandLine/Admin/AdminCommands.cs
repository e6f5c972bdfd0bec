using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Embedded;
using Spectre.Console;

namespace ListBackup.CommandLine;

/// <summary>admin …: for whoever runs a Host on their own machine. Works on folders, without asking a server.</summary>
internal static class AdminCommands
{
    private static readonly Argument<string> s_copy = new("COPY") { Description = "Folder of the copies; on another disk, at best on another machine." };
    private static readonly Option<string> s_data = new("--data") { Description = "The Host's data folder.", DefaultValueFactory = _ => "data" };
    private static readonly Option<bool> s_withKey = new("--with-key") { Description = "Put the master key beside the copy. Whoever has the copy can then read everything." };
    private static readonly Option<int> s_keep = new("--keep") { Description = "How many states of the database stay.", DefaultValueFactory = _ => 14 };
    private static readonly Option<string?> s_at = new("--at") { Description = "The newest state that is not younger than this time (UTC), for example 2026-11-01T06:00Z. Default: the newest." };
    private static readonly Option<string?> s_keyFile = new("--key-file") { Description = "The master key. Default: the one in the new data folder, else the one beside the copy." };

    public static Command Build() => new("admin", "Copy a self-hosted installation, and bring it back.")
    {
        Build("backup", "Copy the installation: its database, and all objects that are new since the last copy. The Host may be running.", [s_data, s_withKey, s_keep], BackUp),
        Build("states", "List the states in a copy.", [], States),
        Build("verify", "Read a whole copy and compare it with its hashes; exit code 4 when something is damaged.", [], Verify),
        Build("restore", "Make a data folder out of a copy.", [s_data, s_at, s_keyFile], Restore),
    };

    private static Command Build(string name, string description, IEnumerable<Option> options, Func<ParseResult, InstallationCopy, Report, CancellationToken, int> run)
    {
        var command = new Command(name, description) { s_copy };
        foreach (var option in options) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            try
            {
                var copy = new InstallationCopy(parsed.GetRequiredValue(s_copy), TimeProvider.System);
                return Task.FromResult(run(parsed, copy, new Report(parsed.GetValue(ApiCommand.Json)), cancellation));
            }
            catch (StorageException refused)
            {
                throw new CommandException(refused.Message);
            }
        });
        return command;
    }

    private static int BackUp(ParseResult parsed, InstallationCopy copy, Report report, CancellationToken cancellation)
    {
        var keep = parsed.GetValue(s_keep);
        if (keep < 1) throw new CommandException("--keep must be at least 1.", ExitCode.Usage);
        var state = copy.Take(parsed.GetValue(s_data)!, parsed.GetValue(s_withKey), keep, cancellation); // It has a default.
        report.Value(
            JsonSerializer.SerializeToNode(state, CopyJson.Default.CopyState)!,
            $"Copied at {Time(state.At)}: a database of {state.DatabaseBytes:N0} bytes; {state.Objects:N0} objects of {state.ObjectBytes:N0} bytes, of which {state.CopiedObjects:N0} are new; {state.RemovedObjects:N0} removed.");
        if (!parsed.GetValue(s_withKey))
            report.Remarks.MarkupLineInterpolated($"The master key is not in the copy. Keep keys/master.key somewhere else; without the key {state.MasterKeyIds[^1]} nobody can read it.");
        return ExitCode.Success;
    }

    private static int States(ParseResult parsed, InstallationCopy copy, Report report, CancellationToken cancellation)
    {
        report.Rows(
            [.. copy.ListStates().Select(state => JsonSerializer.SerializeToNode(state, CopyJson.Default.CopyState)!)],
            "There is no complete state.",
            ("Time", row => Listing.Time(row["at"])),
            ("Schema", row => row["schema"]!.ToString()),
            ("Database", row => Bytes(row["databaseBytes"])),
            ("Objects", row => row["objects"]!.ToString()),
            ("Bytes", row => Bytes(row["objectBytes"])));
        return ExitCode.Success;
    }

    private static int Verify(ParseResult parsed, InstallationCopy copy, Report report, CancellationToken cancellation)
    {
        var check = copy.Check(cancellation);
        report.Value(
            JsonSerializer.SerializeToNode(check, CopyJson.Default.CopyCheck)!,
            check.Damaged.Count == 0 ? $"All is well: {check.States} states, {check.Objects:N0} objects." : Damage("damaged", check.Damaged));
        return check.Damaged.Count == 0 ? ExitCode.Success : ExitCode.NotProven;
    }

    private static int Restore(ParseResult parsed, InstallationCopy copy, Report report, CancellationToken cancellation)
    {
        var data = parsed.GetValue(s_data)!; // It has a default.
        var restored = copy.Restore(TimeOf(parsed.GetValue(s_at)), data, parsed.GetValue(s_keyFile), cancellation);
        report.Value(
            JsonSerializer.SerializeToNode(restored, CopyJson.Default.CopyRestored)!,
            $"{data} is as it was at {Time(restored.At)}, with {restored.Objects:N0} objects. Start it with scripts/run --data {data}.");
        if (restored.Damaged.Count == 0) return ExitCode.Success;
        report.Remarks.MarkupLineInterpolated($"{Damage("damaged and left out", restored.Damaged)} Verify the sources to see what that means.");
        return ExitCode.NotProven;
    }

    private static string Damage(string what, IReadOnlyList<string> names) =>
        $"{names.Count} are {what}: {string.Join(", ", names.Take(5))}{(names.Count > 5 ? " …" : "")}.";

    private static string Bytes(JsonNode? bytes) => bytes!.GetValue<long>().ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? TimeOf(string? text)
    {
        if (text is null) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new CommandException($"--at {text} is no time.", ExitCode.Usage);
    }
}
