using System.CommandLine;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>verify.</summary>
internal static class VerifyCommand
{
    private static readonly Option<string?> Level = new("--level") { Description = "chain, objects, blocks (every byte; default) or restore (a drill)." };

    public static Command Build() => ApiCommand.Build("verify", "Prove a source's backups; exit code 4 when something is wrong with them.", [SourceArgument.Source, Level], RunAsync);

    private static async Task<int> RunAsync(ApiCommand command)
    {
        var source = await SourceArgument.PathAsync(command);
        var body = command.Parsed.GetValue(Level) is { } level ? new JsonObject { ["level"] = level } : [];
        var job = await command.Api.PostAsync($"{source}/verify", body, command.Cancellation);
        job = await JobWatch.FollowAsync(command, $"{source}/jobs/{job["id"]}");
        var report = job["verify"];
        var isSound = (bool?)report?["sound"] == true;
        command.Report.Value(job, isSound
            ? $"Sound: {report!["manifests"]} snapshots, {report["objects"]} objects, {report["blocks"]} blocks, {report["versions"]} record versions, {report["roots"]} state roots; {report["bytesRead"]} bytes read."
            : $"Not sound: {job["reason"]?["message"]} {string.Join(" ", report?["problems"]?.AsArray().Select(p => (string?)p) ?? [])}");
        return isSound ? ExitCode.Success : ExitCode.NotProven;
    }
}
