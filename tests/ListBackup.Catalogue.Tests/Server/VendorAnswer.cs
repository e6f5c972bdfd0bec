using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>An answer of a vendor's API.</summary>
public sealed record VendorAnswer(int Status, string Body)
{
    /// <summary>Vendors write umlauts and signs as they are.</summary>
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static VendorAnswer Ok(JsonNode json) => Of(200, json);

    public static VendorAnswer Of(int status, JsonNode json) => new(status, Text(json));

    public static VendorAnswer Empty(int status = 204) => new(status, "");

    public VendorAnswer With(string header, string value) => this with { Headers = new Dictionary<string, string>(Headers, StringComparer.Ordinal) { [header] = value } };

    /// <summary>JSON as the fakes send it. Numbers keep their spelling.</summary>
    public static string Text(JsonNode json) => json.ToJsonString(Plain);
}
