using System.Text.Json;
using Json.Schema;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

/// <summary>A JSON schema of docs/connectors/, with which editors complete and check what people write.</summary>
internal static class EditorSchema
{
    private static readonly string Folder = Path.Combine(BuildOutput.Root, "docs", "connectors");

    private const int ProblemsMax = 10;

    // What the manifest's schema includes has to be known before it is read.
    public static readonly JsonSchema Extension = Load("x-listbackup");
    public static readonly JsonSchema Manifest = Load("manifest");
    public static readonly JsonSchema Restore = Load("restore");

    /// <summary>What is wrong, each with its place; empty when nothing is.</summary>
    public static IReadOnlyList<string> Problems(this JsonSchema schema, JsonElement document)
    {
        var result = schema.Evaluate(document, new EvaluationOptions { OutputFormat = OutputFormat.List });
        if (result.IsValid) return [];

        // Where kinds are told apart by trying, the failed tries of good parts are reported as well; what no kind knows is the mistake itself, mostly.
        var told = (result.Details ?? []).Where(detail => detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))
            .Distinct(StringComparer.Ordinal).OrderByDescending(problem => problem.Contains("false schema", StringComparison.Ordinal)).Take(ProblemsMax).ToList();

        return told.Count > 0 ? told : ["It is not valid."];
    }

    private static JsonSchema Load(string name) => JsonSchema.FromFile(Path.Combine(Folder, $"{name}.schema.json"));
}
