using System.Net;
using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>An answer and what the manifest makes of it.</summary>
internal sealed class HttpAnswer(RawAnswer raw, string host) : IDisposable
{
    private Value _json;
    private Value _headers;

    public HttpStatusCode Status => raw.Status;

    public bool IsGood => (int)raw.Status is >= 200 and < 300;

    public string Host => host;

    public IReadOnlyDictionary<string, string> RawHeaders => raw.Headers;

    public PageBuffer Body => raw.Body;

    public Resolution Resolution { get; set; } = Resolution.Success;

    /// <summary>The body as a value; an empty map when it is no JSON.</summary>
    public Value Json => _json.Kind == ValueKind.Absent ? _json = Parse() : _json;

    public Value Headers => _headers.Kind == ValueKind.Absent ? _headers = Collect() : _headers;

    public ExpressionContext In(ExpressionContext context) => context.With(Variable.Response, Json).Set(Variable.Headers, Headers);

    public string? Header(string name) => raw.Headers.TryGetValue(name, out var value) ? value : null;

    public void Dispose() => raw.Dispose();

    private Value Parse()
    {
        var body = raw.Body.Memory;
        try
        {
            var reader = new Utf8JsonReader(body.Span, ValueJson.ReaderOptions);
            while (reader.Read())
            {
                // Reading to the end is what proves the whole to be JSON.
            }

            return body.IsEmpty ? Value.Of(new ValueMap()) : ValueJson.Parse(body);
        }
        catch (JsonException)
        {
            return Value.Of(new ValueMap());
        }
    }

    private Value Collect()
    {
        var map = new ValueMap();
        foreach (var (name, value) in raw.Headers)
        {
            map.Set(name, Value.Of(value));

            // Manifests spell header names in either way, and HTTP does not care.
            var lower = name.ToLowerInvariant();
            if (!map.Has(lower))
                map.Set(lower, Value.Of(value));
        }

        if (raw.Headers.TryGetValue("Link", out var links))
            map.Set("link", LinkHeader.Parse(links, map["link"]));

        return Value.Of(map);
    }
}
