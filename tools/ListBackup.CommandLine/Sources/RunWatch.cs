using System.Text.Json.Nodes;
using Spectre.Console;

namespace ListBackup.CommandLine;

/// <summary>Follows a run to its end: a progress bar per stream on a terminal, a line per change elsewhere.</summary>
internal sealed class RunWatch(ApiCommand command, string path)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public Task<JsonNode> RunAsync() => Console.IsErrorRedirected || command.Report.IsJson ? FollowAsync(Print) : ShowAsync();

    private Task<JsonNode> ShowAsync()
    {
        var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
        return command.Report.Remarks.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(progress => FollowAsync(run =>
            {
                foreach (var part in run["parts"]?.AsArray() ?? []) Move(progress, bars, part!);
            }));
    }

    private static void Move(ProgressContext progress, Dictionary<string, ProgressTask> bars, JsonNode part)
    {
        var stream = (string)part["stream"]!;
        if (!bars.TryGetValue(stream, out var bar)) bars[stream] = bar = progress.AddTask(Markup.Escape(stream));
        var (read, total) = ((long?)part["counts"]?["records"] ?? 0, (long?)part["counts"]?["total"]);
        var ended = part["endedAt"] is not null;
        bar.Description = Markup.Escape($"{stream}: {read}{(total is null ? "" : $" of {total}")}");
        // Without a total nobody knows how far it is; the bar says so until the stream has ended.
        bar.IsIndeterminate = total is null && !ended;
        bar.MaxValue = Math.Max(1, total ?? read);
        bar.Value = ended ? bar.MaxValue : Math.Min(read, bar.MaxValue);
    }

    private string _printed = "";

    private void Print(JsonNode run)
    {
        if (command.Report.IsJson) return;
        var line = $"{run["state"]}: {run["counts"]?["records"] ?? 0} records, {run["counts"]?["pages"] ?? 0} pages";
        if (line == _printed) return;
        Console.Error.WriteLine(line);
        _printed = line;
    }

    private async Task<JsonNode> FollowAsync(Action<JsonNode> show)
    {
        while (true)
        {
            var run = await command.Api.GetAsync(path, command.Cancellation);
            show(run);
            if ((string?)run["state"] is "succeeded" or "partial" or "failed" or "cancelled") return run;
            await Task.Delay(Pause, command.Cancellation);
        }
    }
}
