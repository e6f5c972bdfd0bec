using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>Follows a job until it waits for a person or has ended.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public static async Task<JsonNode> FollowAsync(ApiCommand command, string path)
    {
        var printed = "";
        while (true)
        {
            var job = await command.Api.GetAsync(path, command.Cancellation);
            var state = (string)job["state"]!;
            if (state is "planned" or "succeeded" or "partial" or "failed" or "cancelled" or "undone") return job;
            if (state != printed && !command.Report.IsJson) Console.Error.WriteLine(state);
            printed = state;
            await Task.Delay(Pause, command.Cancellation);
        }
    }
}
