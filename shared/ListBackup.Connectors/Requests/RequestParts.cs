using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>One request while it is put together: requester, slice, paginator and authenticator each add their part.</summary>
internal sealed class RequestParts
{
    /// <summary>What another host may see of our headers.</summary>
    private static readonly HashSet<string> HarmlessHeaders = new(StringComparer.OrdinalIgnoreCase) { "Accept", "Accept-Language", "User-Agent" };

    public required HttpMethod Method { get; set; }

    public required string Url { get; set; }

    /// <summary>Parameters that the manifest writes as one text.</summary>
    public string? QueryText { get; set; }

    public List<KeyValuePair<string, string>> Query { get; } = [];

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<KeyValuePair<string, string>> Form { get; } = [];

    public ValueMap? Json { get; set; }

    /// <summary>A JSON body that is no object; wins over <see cref="Json"/>.</summary>
    public Value JsonValue { get; set; }

    public string? PlainBody { get; set; }

    /// <summary>
    /// The url is the platform's own word and leads to a host that is not the connection's: it is asked for bare, since headers, parameters and bodies of a
    /// manifest may all hold secrets, and a link that needs none (most have been signed by the platform) is whole as it is.
    /// </summary>
    public bool IsForeign { get; set; }

    /// <summary>Adds a value of the language: a list becomes several parameters of one name, nothing adds nothing.</summary>
    public void AddQuery(string name, Value value) => Add(Query, name, value);

    public void SetQuery(string name, Value value)
    {
        Query.RemoveAll(pair => pair.Key == name);
        Add(Query, name, value);
    }

    public void AddForm(string name, Value value) => Add(Form, name, value);

    public void SetHeader(string name, string value)
    {
        if (value.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 || name.Length == 0)
            throw new ExpressionException($"The header '{name}' has a value that no header can have.");
        Headers[name] = value;
    }

    /// <summary>Copies the parts, so that authentication can be added anew at each attempt.</summary>
    public RequestParts Copy()
    {
        var copy = new RequestParts { Method = Method, Url = Url, QueryText = QueryText, Json = Json?.Copy(), JsonValue = JsonValue, PlainBody = PlainBody, IsForeign = IsForeign };
        copy.Query.AddRange(Query);
        copy.Form.AddRange(Form);
        foreach (var (name, value) in Headers)
            copy.Headers[name] = value;

        return copy;
    }

    /// <exception cref="ExpressionException">The url is none.</exception>
    public Uri Address()
    {
        var start = QueryText is null || IsForeign ? Url : Url + (Url.Contains('?') ? "&" : "?") + QueryText;
        var url = new StringBuilder(start.Trim());
        var known = new HashSet<string>(QueryOf(start), StringComparer.Ordinal);
        var separator = start.Contains('?') ? start.EndsWith('?') || start.EndsWith('&') ? "" : "&" : "?";
        foreach (var (name, value) in IsForeign ? [] : Query)
        {
            var pair = $"{Encodings.Quote(name, "[]")}={Encodings.Quote(value, "")}";

            // A next-page link repeats our own parameters; sending them twice confuses platforms.
            if (known.Contains($"{name}={value}"))
                continue;
            url.Append(separator).Append(pair);
            separator = "&";
        }

        return Uri.TryCreate(url.ToString(), UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new ExpressionException("The url of a request is not an http or https url. A configuration field it is made of may be empty.");
    }

    /// <param name="sameOrigin">False when redirects have led to another host, which gets the bare request.</param>
    public HttpRequestMessage Message(Uri url, HttpMethod method, bool sameOrigin)
    {
        var isBare = IsForeign || !sameOrigin;
        var message = new HttpRequestMessage(method, url);

        // Some platforms read the body of a GET; others, and what stands before them, refuse one, so an empty object is not sent. One that a redirect turned a
        // request into has lost its body.
        if (!isBare && (method != HttpMethod.Get || (Method == HttpMethod.Get && !HasEmptyBody)))
            message.Content = Body();
        if (!isBare && message.Content is null && Headers.Keys.Any(name => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)))
            // Some platforms want to be told a type where there is no content; a message tells it only beside one, so there is an empty one.
            message.Content = new ByteArrayContent([]);
        foreach (var (name, value) in Headers)
        {
            if (isBare && !HarmlessHeaders.Contains(name))
                continue;
            if (message.Content is not null && name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                message.Content.Headers.Remove(name);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (!Headers.ContainsKey("Accept"))
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        if (!Headers.ContainsKey("User-Agent"))
            message.Headers.TryAddWithoutValidation("User-Agent", "ListBackup/1.0");

        return message;
    }

    /// <summary>Two requests that are the same have the same one. Credentials are no part of it while authentication has not added them.</summary>
    public async Task<string> FingerprintAsync()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Method} {Address()}\n"));
        foreach (var (name, value) in Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            hash.AppendData(Encoding.UTF8.GetBytes($"{name.ToLowerInvariant()}: {value}\n"));
        using var body = Body();
        if (body is not null)
            hash.AppendData(await body.ReadAsByteArrayAsync());

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private bool HasEmptyBody => PlainBody is null && Form.Count == 0 && JsonValue.IsUndefined && Json is null or { Count: 0 };

    private HttpContent? Body()
    {
        if (PlainBody is not null)
            return new StringContent(PlainBody, Encoding.UTF8, "text/plain");
        if (Form.Count > 0)
            return new FormUrlEncodedContent(Form);

        var json = !JsonValue.IsUndefined ? JsonValue : Json is not null ? Value.Of(Json) : Value.Undefined;
        if (json.IsUndefined)
            return null;

        return new ByteArrayContent(ValueJson.ToBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private static void Add(List<KeyValuePair<string, string>> target, string name, Value value)
    {
        if (value.IsNothing)
            return;
        if (value.Kind == ValueKind.List && !value.List.IsTuple)
        {
            foreach (var item in value.List)
                target.Add(new KeyValuePair<string, string>(name, Spelled(item)));
        }
        else
        {
            target.Add(new KeyValuePair<string, string>(name, Spelled(value)));
        }
    }

    private static string Spelled(Value value) => value.Kind switch
    {
        ValueKind.Map => ValueJson.ToText(value),
        ValueKind.Float => value.FloatSource ?? value.Double.ToString("R", CultureInfo.InvariantCulture),
        _ => PythonText.Str(value),
    };

    private static IEnumerable<string> QueryOf(string url)
    {
        var start = url.IndexOf('?');

        return start < 0 ? [] : url[(start + 1)..].Split('#')[0].Split('&').Select(pair => Uri.UnescapeDataString(pair.Replace('+', ' ')));
    }
}
