using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>What lists have in common.</summary>
internal static class Listing
{
    public static readonly Option<int> Most = new("--most") { Description = "How many rows at most.", DefaultValueFactory = _ => 50 };

    public static string? Time(JsonNode? time) => (string?)time is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : null;

    public static async Task<List<JsonNode>> AllAsync(this ApiCommand command, string path, int most)
    {
        var rows = new List<JsonNode>();
        await foreach (var row in command.Api.ListAsync(path, most, command.Cancellation)) rows.Add(row);
        return rows;
    }
}
