using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Requests;

/// <summary>Which request to send, and how its answers are taken.</summary>
internal sealed record HttpRequester
{
    public required Template? Url { get; init; }

    public required Template? UrlBase { get; init; }

    public required Template? Path { get; init; }

    public required HttpMethod Method { get; init; }

    public required RequestInputs Parameters { get; init; }

    public required RequestInputs Headers { get; init; }

    public required RequestInputs Form { get; init; }

    /// <summary>A JSON body as a tree, or as one template that yields it.</summary>
    public required TemplateTree? Json { get; init; }

    public required Template? PlainBody { get; init; }

    public required Authenticator Authenticator { get; init; }

    public required ErrorHandler ErrorHandler { get; init; }

    /// <summary>The fields that its requests name; null: none have to be named.</summary>
    public QueryProperties? Properties { get; private init; }

    /// <summary>The parameter in which they stand; null: expressions put them where they belong.</summary>
    public Template? PropertiesParameter { get; private init; }

    /// <summary>The same request is sent once in a session, and its answer is used again.</summary>
    public bool UsesCache { get; init; }

    public static HttpRequester Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(HttpRequester))
            throw reader.WrongType();

        var (form, json, plain) = Body(reader);
        var (parameters, parameter, properties) = ParseProperties(reader);
        var requester = new HttpRequester
        {
            Url = reader.TemplateOrNull("url"),
            UrlBase = reader.TemplateOrNull("url_base"),
            Path = reader.TemplateOrNull("path"),
            Method = HttpMethod.Parse(reader.Choice("http_method", "GET", "GET", "POST", "PUT", "PATCH", "DELETE")),
            Parameters = RequestInputs.Parse(reader, "request_parameters", parameters),
            Headers = RequestInputs.Parse(reader, "request_headers", reader.Raw("request_headers")),
            Form = form,
            Json = json,
            PlainBody = plain,
            Authenticator = reader.ComponentOrNull("authenticator", "NoAuth", Authenticator.Parse) ?? NoAuth.Instance,
            ErrorHandler = reader.ComponentOrNull("error_handler", nameof(DefaultErrorHandler), ErrorHandler.Parse) ?? ErrorHandler.Standard,
            Properties = properties,
            PropertiesParameter = parameter,
            UsesCache = reader.Flag("use_cache"),
        };
        if (requester.Url is null && requester.UrlBase is null)
            throw reader.Missing("url");

        return reader.Done(requester);
    }

    /// <summary>
    /// A requester whose answers are no pages: of a login, about a report. It has no fields to name, and what it asks about changes between two requests.
    /// </summary>
    public static HttpRequester ParsePlain(ComponentReader reader)
    {
        var requester = Parse(reader);

        return requester.Properties is null ? requester with { UsesCache = false } : throw reader.Problem("query_properties", "Only the requester of a stream's pages names properties.");
    }

    /// <summary>The request with its own options; slice and paginator add theirs.</summary>
    public RequestParts Build(ExpressionContext context, string? pathFromToken = null)
    {
        var parts = new RequestParts { Method = Method, Url = Address(context, pathFromToken) };
        foreach (var (name, value) in Headers.Evaluate(context).Pairs)
            parts.SetHeader(name, PythonText.Str(value));
        var (parameters, query) = Parameters.Evaluate(context);
        foreach (var (name, value) in parameters)
            parts.AddQuery(name, value);
        if (PropertiesParameter?.EvaluateText(context) is { } names)
            parts.AddQuery(names, QueryProperties.Joined(context));
        if (query is not null)
            parts.QueryText = query;
        var (fields, text) = Form.Evaluate(context);
        foreach (var (name, value) in fields)
            parts.AddForm(name, value);
        parts.PlainBody = PlainBody?.EvaluateText(context) ?? text;
        if (Json?.Evaluate(context) is { IsNothing: false } json)
        {
            if (json.Kind == ValueKind.Map)
                parts.Json = Pruned(json.Map);
            else
                parts.JsonValue = json;
        }

        return parts;
    }

    public Task<HttpAnswer> SendAsync(RequestParts parts, ExpressionContext context, Session session, CancellationToken cancellation) => UsesCache
        ? session.Answers.GetAsync(parts, () => session.Sender.SendAsync(this, parts, context, cancellation))
        : session.Sender.SendAsync(this, parts, context, cancellation);

    private string Address(ExpressionContext context, string? pathFromToken)
    {
        var path = pathFromToken ?? Path?.EvaluateText(context);
        if (path is not null && (path.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("http://", StringComparison.OrdinalIgnoreCase)))
            return path;

        var start = (Url ?? UrlBase)!.EvaluateText(context)?.Trim() ?? "";
        if (Url is not null && pathFromToken is null)
            return path is null ? start : Joined(start, path);

        // A token that is an absolute path starts at the host; any other path goes behind the base.
        if (pathFromToken is ['/', ..] && Uri.TryCreate(start, UriKind.Absolute, out var address) && Url is not null)
            return address.GetLeftPart(UriPartial.Authority) + pathFromToken;

        return path is null ? start : Joined(start, path);
    }

    private static string Joined(string start, string path) => path.Length == 0 ? start : $"{start.TrimEnd('/')}/{path.TrimStart('/')}";

    /// <summary>Members that evaluate to nothing are left out, as for parameters: an unset page token must not be sent as null.</summary>
    private static ValueMap Pruned(ValueMap map)
    {
        var kept = new ValueMap();
        foreach (var (key, value) in map)
        {
            if (!value.IsNothing)
                kept.Set(key, value);
        }

        return kept;
    }

    /// <summary>The parameters without the one in which the language lets a component stand.</summary>
    private static (Value Parameters, Template? Parameter, QueryProperties? Properties) ParseProperties(ComponentReader reader)
    {
        var parameters = reader.Raw("request_parameters");
        var own = reader.ComponentOrNull("query_properties", nameof(QueryProperties), QueryProperties.Parse)
            ?? reader.ComponentOrNull("fetch_properties_from_endpoint", nameof(PropertiesFromEndpoint), QueryProperties.ParseEndpoint);
        if (parameters.Kind != ValueKind.Map || parameters.Map.Keys.FirstOrDefault(key => IsProperties(parameters.Map[key])) is not { } name)
            return (parameters, null, own);
        if (own is not null)
            throw reader.Problem($"request_parameters.{name}", "The properties of a request are described once.");

        var rest = parameters.Map.Copy();
        rest.Remove(name);
        var described = reader.Part(parameters.Map[name], reader.At($"request_parameters.{name}"), name, nameof(QueryProperties));

        return (Value.Of(rest), reader.Parse("request_parameters", name), QueryProperties.Parse(described));
    }

    private static bool IsProperties(Value value) => value.Kind == ValueKind.Map && value.Map["type"] is { IsText: true, Text: nameof(QueryProperties) };

    private static (RequestInputs Form, TemplateTree? Json, Template? Plain) Body(ComponentReader reader)
    {
        var form = RequestInputs.Parse(reader, "request_body_data", reader.Raw("request_body_data"));
        var json = reader.Tree("request_body_json");
        var body = reader.Raw("request_body");
        if (body.Kind != ValueKind.Map)
            return (form, json, null);

        // The four kinds have one member each, so they are read in place.
        var type = body.Map["type"] is { IsText: true } named ? named.Text : "";
        var value = body.Map["value"];
        if (value.IsNothing)
            throw new ManifestException($"{reader.Path}.request_body.value", type, "This option is required.");
        if (body.Map.Keys.FirstOrDefault(key => key is not ("type" or "value" or "$parameters")) is { } unknown)
            throw new ManifestException($"{reader.Path}.request_body.{unknown}", type, "This option is not known.");
        reader.Context.Count(type, $"{reader.Path}.request_body");

        return type switch
        {
            "RequestBodyPlainText" => (form, null, reader.Parse("request_body.value", PythonText.Str(value))),
            "RequestBodyUrlEncodedForm" => (RequestInputs.Parse(reader, "request_body.value", value), null, null),
            "RequestBodyJsonObject" or "RequestBodyGraphQL" => (form, reader.ParseTree(value, $"{reader.Path}.request_body.value"), null),
            _ => throw new ManifestException($"{reader.Path}.request_body", type, $"The type '{type}' is not known here."),
        };
    }
}
