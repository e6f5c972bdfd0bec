using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.Demo.Crm;

/// <summary>Numbers stay as they were written through parse and write: 12.10 is not 12.1, and 2^64 - 1 is no double.</summary>
internal static class CrmJson
{
    private const int DepthMax = 16;

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    /// <exception cref="JsonException">Not one JSON object.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> json) =>
        JsonNode.Parse(json, documentOptions: s_reading) as JsonObject ?? throw new JsonException("A JSON object is expected.");

    public static byte[] Write(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_writing)) node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    public static string? Text(JsonObject record, string field) =>
        record[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(JsonObject record, string field) =>
        record[field] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
