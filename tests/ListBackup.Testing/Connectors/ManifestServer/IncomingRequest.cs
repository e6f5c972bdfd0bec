using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ListBackup.Testing.Manifests;

/// <summary>A request as it came in, taken apart.</summary>
internal sealed class IncomingRequest
{
    public required string Method { get; init; }

    public required string Host { get; init; }

    public required string Path { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Query { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required string Body { get; init; }

    public string Target => $"{Method} {Host}{Path}";

    public bool IsForm => Headers.GetValueOrDefault("Content-Type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true;

    /// <summary>The body's members: form fields, or the leaves of its JSON by their way (<c>a.b.0</c>).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => Body.Length == 0 ? [] : IsForm ? Pairs(Body) : Leaves(Body) ?? [];

    public static async Task<IncomingRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);

        return new IncomingRequest
        {
            Method = context.Request.Method,
            Host = context.Request.Host.Value ?? "",
            Path = Uri.UnescapeDataString(target[0]),
            Query = target.Length > 1 ? Pairs(target[1]) : [],
            Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Body = Encoding.UTF8.GetString(body.ToArray()),
        };
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(string query) =>
    [
        .. query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => new KeyValuePair<string, string>(WebUtility.UrlDecode(pair[0]), pair.Length > 1 ? WebUtility.UrlDecode(pair[1]) : "")),
    ];

    /// <summary>Null when the text is no JSON.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? Leaves(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var leaves = new List<KeyValuePair<string, string>>();
            Collect(document.RootElement, "", leaves);

            return leaves;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Collect(JsonElement element, string way, List<KeyValuePair<string, string>> leaves)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                foreach (var member in element.EnumerateObject())
                    Collect(member.Value, way.Length == 0 ? member.Name : $"{way}.{member.Name}", leaves);
                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                var at = 0;
                foreach (var item in element.EnumerateArray())
                    Collect(item, way.Length == 0 ? $"{at++}" : $"{way}.{at++}", leaves);
                break;
            case JsonValueKind.String:
                leaves.Add(new(way, element.GetString()!));
                break;
            default:
                leaves.Add(new(way, element.GetRawText()));
                break;
        }
    }
}
