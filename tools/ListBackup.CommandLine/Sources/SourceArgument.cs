using System.CommandLine;

namespace ListBackup.CommandLine;

/// <summary>Which source a command is about: its id, or its name where only one has it.</summary>
internal static class SourceArgument
{
    private const int SearchMost = 10_000;

    public static readonly Argument<string> Source = new("source") { Description = "Id or name of the source." };

    public static async Task<string> PathAsync(ApiCommand command)
    {
        var wanted = command.Parsed.GetValue(Source)!; // Required by the parser.
        if (wanted.StartsWith("src_", StringComparison.Ordinal)) return $"{command.AccountPath}/sources/{Uri.EscapeDataString(wanted)}";
        var named = (await command.AllAsync($"{command.AccountPath}/sources", SearchMost)).Where(source => (string?)source["name"] == wanted).ToList();
        return named.Count switch
        {
            1 => $"{command.AccountPath}/sources/{named[0]["id"]}",
            0 => throw new CommandException($"There is no source called '{wanted}'. See 'listbackup sources'."),
            _ => throw new CommandException($"{named.Count} sources are called '{wanted}'. Name one by its id."),
        };
    }

    public static async Task<long> NewestSnapshotAsync(ApiCommand command, string source)
    {
        var about = await command.Api.GetAsync(source, command.Cancellation);
        return (long?)about["lastSnapshot"]?["seq"] ?? throw new CommandException("The source has no snapshot yet. Make one with 'listbackup sync'.");
    }
}
