using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace ListBackup.Host;

/// <summary>
/// A request and an answer of each operation, as a Host gave them on a tour with the demo CRM; secrets and long lists were shortened after. A test holds each
/// against its schema.
/// </summary>
internal static class ApiExamples
{
    private const string Json = "application/json";

    private static readonly Lazy<JsonObject> Examples = new(Read);

    public static void AddTo(OpenApiOperation operation)
    {
        if (operation.OperationId is not { } name || Examples.Value[name] is not { } example) return;
        if (example["request"] is { } request && operation.RequestBody?.Content?.TryGetValue(Json, out var asked) is true) Set(asked, request);
        foreach (var (status, answer) in example["responses"]?.AsObject() ?? [])
        {
            if (answer is not null && operation.Responses?.TryGetValue(status, out var response) is true && response.Content?.TryGetValue(Json, out var told) is true) Set(told, answer);
        }
    }

    private static void Set(object media, JsonNode example)
    {
        if (media is OpenApiMediaType own) own.Example = example.DeepClone();
    }

    private static JsonObject Read()
    {
        using var stream = typeof(ApiExamples).Assembly.GetManifestResourceStream("api-examples.json") ?? throw new InvalidOperationException("The examples are not in the program.");
        return JsonNode.Parse(stream)!.AsObject();
    }
}
