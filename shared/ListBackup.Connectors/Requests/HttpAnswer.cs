using System.Buffers;
using System.Net;
using System.Text.Json;
using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Records;

namespace ListBackup.Connectors.Requests;

/// <summary>An answer and what the manifest makes of it.</summary>
internal sealed class HttpAnswer(RawAnswer raw, string host, ConnectorHttp http) : IDisposable
{
    private Value _json;
    private Value _headers;

    /// <summary>An answer that was not sent for just now.</summary>
    public static HttpAnswer Of(ReadOnlyMemory<byte> body, HttpStatusCode status, IReadOnlyDictionary<string, string> headers, string host, ConnectorHttp http)
    {
        var buffer = new PageBuffer(int.MaxValue, http.Pool);
        buffer.Write(body.Span);

        return new HttpAnswer(new RawAnswer { Status = status, Headers = headers, Body = new AnswerBody(buffer), IsForeign = false }, host, http);
    }

    public HttpStatusCode Status => raw.Status;

    public bool IsGood => (int)raw.Status is >= 200 and < 300;

    public string Host => host;

    /// <summary>It was asked for without credentials, because a link or a redirect led to another host.</summary>
    public bool IsForeign => raw.IsForeign;

    public IReadOnlyDictionary<string, string> RawHeaders => raw.Headers;

    public AnswerBody Body => raw.Body;

    public Resolution Resolution { get; set; } = Resolution.Success;

    /// <summary>The body as a value; an empty map when it is no JSON.</summary>
    public Value Json => _json.Kind == ValueKind.Absent ? _json = Parse() : _json;

    public Value Headers => _headers.Kind == ValueKind.Absent ? _headers = Collect() : _headers;

    /// <summary>The context in which this answer is known. It is parsed when an expression asks for it.</summary>
    public ExpressionContext In(ExpressionContext context) => context.WithLater(Variable.Response, () => Json).SetLater(Variable.Headers, () => Headers);

    public string? Header(string name) => raw.Headers.TryGetValue(name, out var value) ? value : null;

    public void Dispose() => raw.Dispose();

    private Value Parse()
    {
        try
        {
            if (raw.Body.IsMarked)
            {
                using var text = JsonDecoder.Instance.Open(raw.Body.Open(), http.Limits.RecordBytesMax);
                using var whole = PageBuffer.ReadWhole(text, http.Limits.RecordBytesMax);

                return ValueJson.Detached(ValueJson.ParseWhole(whole.Memory));
            }

            if (raw.Body.IsHeld)
                return raw.Body.Length == 0 ? Value.Of(new ValueMap()) : ValueJson.ParseWhole(raw.Body.Memory);

            using var stream = raw.Body.Open();

            return JsonOutline.Read(stream, http.Limits.RecordBytesMax, http.Pool);
        }
        catch (Exception exception) when (exception is JsonException or TransportException)
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
