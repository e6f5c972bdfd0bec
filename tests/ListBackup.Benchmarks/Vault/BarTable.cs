using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Benchmarks.Vault;

/// <summary>Figures beside what they must be and what they should become.</summary>
internal sealed class BarTable : IEnumerable<BarRow>
{
    private readonly List<BarRow> _rows = [];

    public void Add(string what, double value, double? must, double? stretch, double? second = null) => _rows.Add(new BarRow(what, value, must, stretch, second));

    public IEnumerator<BarRow> GetEnumerator() => _rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Print()
    {
        Console.WriteLine("| | measured | must | stretch | |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var row in _rows)
        {
            var second = row.Second is null ? "" : string.Create(CultureInfo.InvariantCulture, $" / {row.Second:0.##}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.What} | {row.Value:0.##}{second} | {row.Must:0.##} | {row.Stretch:0.##} | {row.Verdict} |"));
        }
    }

    public JsonArray ToJson() => [.. _rows.Select(row => (JsonNode)new JsonObject { ["what"] = row.What.Trim(), ["value"] = row.Value, ["second"] = row.Second, ["must"] = row.Must, ["stretch"] = row.Stretch, ["verdict"] = row.Verdict })];
}

/// <summary>One figure; less is better.</summary>
internal sealed record BarRow(string What, double Value, double? Must, double? Stretch, double? Second)
{
    public string Verdict => Must is null ? "" : Value <= Stretch ? "stretch" : Value <= Must ? "met" : "NOT MET";
}
