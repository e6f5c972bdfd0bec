using System.Text.Json.Nodes;
using Spectre.Console;

namespace ListBackup.CommandLine;

/// <summary>What a command prints: JSON for programs, tables and sentences for people. Data goes to standard output, everything else to standard error.</summary>
internal sealed class Report(bool json)
{
    public bool IsJson => json;

    /// <summary>For progress and remarks: standard error, so that piped data stays clean.</summary>
    public IAnsiConsole Remarks { get; } = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });

    public void Value(JsonNode value, string sentence)
    {
        if (json) Console.Out.WriteLine(value.ToJsonString());
        else Console.Out.WriteLine(sentence);
    }

    /// <summary>Rows as one JSON array, or as a table with <paramref name="columns"/>.</summary>
    public void Rows(IReadOnlyList<JsonNode> rows, string nothing, params (string Title, Func<JsonNode, string?> Cell)[] columns)
    {
        if (json)
        {
            Console.Out.WriteLine(new JsonArray([.. rows.Select(r => r.DeepClone())]).ToJsonString());
            return;
        }
        if (rows.Count == 0)
        {
            Console.Out.WriteLine(nothing);
            return;
        }
        var table = new Spectre.Console.Table().Border(TableBorder.Simple);
        foreach (var (title, _) in columns) table.AddColumn(new TableColumn(title).NoWrap());
        foreach (var row in rows) table.AddRow([.. columns.Select(c => new Text(c.Cell(row) ?? "–"))]);
        // A pipe has no width: cutting cells there would lose what the next program reads.
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 4000;
        AnsiConsole.Write(table);
    }
}
