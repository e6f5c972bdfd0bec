using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>Parameters, headers or form fields of a requester: a map whose keys and values are templates, or one template that yields a map or a text.</summary>
internal sealed class RequestInputs
{
    private readonly IReadOnlyList<(Template Key, Template? Text, TemplateTree? Tree)> _members;
    private readonly Template? _whole;

    private RequestInputs(IReadOnlyList<(Template, Template?, TemplateTree?)> members, Template? whole)
    {
        _members = members;
        _whole = whole;
    }

    public static readonly RequestInputs None = new([], null);

    public static RequestInputs Parse(ComponentReader reader, string key, Value value)
    {
        if (value.IsNothing)
            return None;
        if (value.Kind != ValueKind.Map)
            return new RequestInputs([], reader.Parse(key, PythonText.Str(value)));

        var members = new List<(Template, Template?, TemplateTree?)>();
        foreach (var (name, member) in value.Map)
        {
            if (name != "$parameters")
                members.Add(Member(reader, key, name, member));
        }

        return new RequestInputs(members, null);
    }

    /// <summary>The pairs, and the text when the whole is one text and no map.</summary>
    public (IEnumerable<KeyValuePair<string, Value>> Pairs, string? Text) Evaluate(ExpressionContext context)
    {
        if (_whole is not null)
        {
            var value = _whole.Evaluate(context);

            return value.Kind == ValueKind.Map ? (value.Map, null) : ([], value.IsNothing ? null : _whole.EvaluateText(context));
        }

        return (Pairs(context), null);
    }

    private IEnumerable<KeyValuePair<string, Value>> Pairs(ExpressionContext context)
    {
        foreach (var (key, text, tree) in _members)
        {
            // Numbers stay the texts they are written as; only lists become lists.
            var value = text is null ? tree!.Evaluate(context) : text.Evaluate(context);
            if (text is not null && value.Kind is not (ValueKind.List or ValueKind.None) and not ValueKind.Text)
                value = Value.Of(text.EvaluateText(context));
            if (!value.IsNothing)
                yield return new KeyValuePair<string, Value>(key.EvaluateText(context) ?? "", value);
        }
    }

    private static (Template, Template?, TemplateTree?) Member(ComponentReader reader, string key, string name, Value value) => value.Kind switch
    {
        ValueKind.Map when value.Map["type"] is { IsText: true, Text: nameof(QueryProperties) } => throw new ManifestException(
            $"{reader.Path}.{key}.{name}", nameof(QueryProperties), "It stands in request_parameters, once, or under query_properties."),
        ValueKind.Map or ValueKind.List => (reader.Parse(key, name), null, reader.ParseTree(value, $"{reader.Path}.{key}.{name}")),
        ValueKind.Boolean => (reader.Parse(key, name), reader.Parse(key, value.Boolean ? "true" : "false"), null),
        ValueKind.None => (reader.Parse(key, name), reader.Parse(key, ""), null),
        _ => (reader.Parse(key, name), reader.Parse(key, PythonText.Str(value)), null),
    };
}
