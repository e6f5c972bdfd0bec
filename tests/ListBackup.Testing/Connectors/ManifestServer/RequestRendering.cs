using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Renders the request that a manifest asks for about one partition and page. The interval, which the client chooses, stays open.</summary>
internal sealed partial class RequestRendering(ExpressionContext context, FakeCursor? cursor)
{
    private const string StartMark = "~~start~~";
    private const string EndMark = "~~end~~";

    // A boundary that an expression of the manifest computes with: its format is the manifest's affair.
    private const string ComputedStartMark = "~~startc~~";
    private const string ComputedEndMark = "~~endc~~";

    /// <summary>The context of a request: partition, open interval, token of the page.</summary>
    public static ExpressionContext Of(ExpressionContext session, ValueMap partition, ValueMap? extra, Value token, FakeCursor? cursor)
    {
        var slice = partition.Copy();
        if (cursor is not null)
        {
            slice.Set(cursor.IsCount ? "start_value" : cursor.StartName, Value.Of(StartMark));
            if (!cursor.IsCount)
                slice.Set(cursor.EndName, Value.Of(EndMark));
        }

        if (extra is not null)
            slice.Set("extra_fields", Value.Of(extra));

        return session.With(Variable.StreamSlice, Value.Of(slice))
            .Set(Variable.NextPageToken, token.IsNone ? Value.None : Value.Of(new ValueMap().Set("next_page_token", token)));
    }

    public TextPattern Start => Marked(StartMark);

    public TextPattern End => Marked(EndMark);

    /// <param name="link">The address that the platform gave for this page; null for an address of the manifest's own.</param>
    public RequestShape Shape(Component requester, string? link)
    {
        var address = Address(requester, link, out var query);
        var shape = new RequestShape
        {
            Method = (requester.Text("http_method") ?? "GET").ToUpperInvariant(),
            Host = address.IsDefaultPort ? address.Host : address.Authority,
            Path = Marked(Uri.UnescapeDataString(address.AbsolutePath)),
            LinkQuery = link is null ? [] : query,
        };
        if (link is null)
            shape.Query.AddRange(query.Select(pair => (pair.Key, Marked(pair.Value))));
        foreach (var (name, value) in Inputs(requester, "request_parameters"))
            AddQuery(shape, name, value);
        foreach (var (name, value) in Inputs(requester, "request_headers"))
            shape.Headers.Add((name, value));
        Body(requester, shape);

        return shape;
    }

    /// <summary>Adds what a request option carries.</summary>
    public void Inject(RequestShape shape, Component option, TextPattern value)
    {
        if (value.IsEmpty)
            return;
        var name = option.Text("field_name") is { } text ? option.Template(text).EvaluateText(context) ?? "" : "";
        switch (option.Text("inject_into"))
        {
            case "request_parameter":
                shape.Query.RemoveAll(pair => pair.Name == name);
                shape.Query.Add((name, value));
                break;
            case "header":
                shape.Headers.RemoveAll(pair => pair.Name == name);
                shape.Headers.Add((name, value));
                break;
            case "body_data":
                shape.IsForm = true;
                Set(name);
                break;
            default:
                Set(option["field_path"] is List<object?> path ? string.Join('.', path.Select(part => option.Template(Component.TextOf(part)).EvaluateText(context))) : name);
                break;
        }

        void Set(string way)
        {
            shape.Fields.RemoveAll(pair => pair.Name == way || pair.Name.StartsWith(way + ".", StringComparison.Ordinal));
            shape.Fields.Add((way, value));
        }
    }

    /// <summary>Adds a value of the language: a list in a parameter comes several times, a map or list in JSON has members of its own.</summary>
    public void Inject(RequestShape shape, Component option, Value value)
    {
        if (value.IsNothing)
            return;
        if (option.Text("inject_into") is "body_json" && value.Kind is ValueKind.Map or ValueKind.List)
        {
            var way = option["field_path"] is List<object?> path ? string.Join('.', path.Select(Component.TextOf)) : option.Text("field_name");
            shape.Fields.RemoveAll(pair => pair.Name == way || pair.Name.StartsWith(way + ".", StringComparison.Ordinal));
            foreach (var leaf in IncomingRequest.Leaves(ValueJson.ToText(value)) ?? [])
                shape.Fields.Add(($"{way}.{leaf.Key}", leaf.Value));
        }
        else if (option.Text("inject_into") is "request_parameter" && value.Kind == ValueKind.List)
        {
            var name = option.Template(option.Text("field_name") ?? "").EvaluateText(context) ?? "";
            shape.Query.RemoveAll(pair => pair.Name == name);
            shape.Query.AddRange(value.List.Select(item => (name, TextPattern.Exactly(PythonText.Str(item)))));
        }
        else
        {
            Inject(shape, option, TextPattern.Exactly(PythonText.Str(value)));
        }
    }

    private Uri Address(Component requester, string? link, out IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var url = link;
        if (url is null || !url.Contains("://", StringComparison.Ordinal))
        {
            var start = Rendered(requester, requester.Text("url") ?? requester.Text("url_base") ?? "").Trim();
            var path = link ?? (requester.Text("path") is { } own ? Rendered(requester, own).Trim() : "");
            url = path.Contains("://", StringComparison.Ordinal) ? path : path.Length == 0 ? start : $"{start.TrimEnd('/')}/{path.TrimStart('/')}";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new CannotServeException("address", $"'{url}' is no address.");
        query = IncomingRequest.Pairs(address.Query.TrimStart('?'));

        return address;
    }

    private void Body(Component requester, RequestShape shape)
    {
        var body = requester.Child("request_body");
        var (json, form) = body?.Type switch
        {
            "RequestBodyJsonObject" or "RequestBodyGraphQL" => (body.Plain("value"), null),
            "RequestBodyUrlEncodedForm" => (null, body.Plain("value")),
            "RequestBodyPlainText" => (null, body.Plain("value")),
            _ => (requester.Plain("request_body_json"), requester.Plain("request_body_data")),
        };
        if (form is string text)
        {
            var evaluated = requester.Template(text).Evaluate(context);
            if (evaluated.Kind == ValueKind.Map)
                shape.IsForm = AddFields(shape, evaluated);
            else
                shape.Text = Pattern(requester, text);
        }
        else if (form is Dictionary<string, object?> pairs)
        {
            shape.IsForm = true;
            foreach (var (name, value) in Pairs(requester, pairs))
                shape.Fields.Add((name, value));
        }

        if (json is string template)
            AddFields(shape, requester.Template(template).Evaluate(context));
        else if (json is not null)
            AddFields(shape, Tree(requester, json));
    }

    /// <summary>True, so that a caller may say on one line what kind of body it is.</summary>
    private bool AddFields(RequestShape shape, Value json)
    {
        foreach (var leaf in IncomingRequest.Leaves(ValueJson.ToText(json)) ?? [])
        {
            if (leaf.Value is not ("null" or "{}"))
                shape.Fields.Add((leaf.Key, Marked(leaf.Value)));
        }

        return true;
    }

    private Value Tree(Component requester, object? node) => node switch
    {
        string text => Guarded(requester, text) is { HasHoles: true } open ? Value.Of(Unquoted(open.ToString())) : requester.Template(text).Evaluate(context),
        List<object?> list => Value.Of(list.Select(item => Tree(requester, item))),
        Dictionary<string, object?> map => Value.Of(map.Aggregate(new ValueMap(), (values, member) => values.Set(Rendered(requester, member.Key), Tree(requester, member.Value)))),
        _ => Component.ToValue(node),
    };

    private IEnumerable<(string Name, TextPattern Value)> Inputs(Component requester, string key) => requester.Plain(key) switch
    {
        Dictionary<string, object?> map => Pairs(requester, map),
        string text when requester.Template(text).Evaluate(context) is { Kind: ValueKind.Map } evaluated =>
            evaluated.Map.Where(member => !member.Value.IsNothing).Select(member => (member.Key, Marked(PythonText.Str(member.Value)))),
        string text when Rendered(requester, text) is { Length: > 0 } query => IncomingRequest.Pairs(query).Select(pair => (pair.Key, Marked(pair.Value))),
        _ => [],
    };

    private IEnumerable<(string Name, TextPattern Value)> Pairs(Component requester, Dictionary<string, object?> map)
    {
        foreach (var (key, value) in map)
        {
            var name = Rendered(requester, key);
            if (value is Dictionary<string, object?> or List<object?>)
            {
                if (value is Dictionary<string, object?> component && component.GetValueOrDefault("type") is "QueryProperties")
                    throw new CannotServeException("component", "QueryProperties");
                var tree = Tree(requester, value);
                foreach (var item in tree.Kind == ValueKind.List ? tree.List.Select(PythonText.Str) : [ValueJson.ToText(tree)])
                    yield return (name, Marked(item));
                continue;
            }

            if (value is null)
                continue;
            var text = value is bool flag ? flag ? "true" : "false" : Component.TextOf(value);
            var pattern = Guarded(requester, text);
            if (pattern is { HasHoles: true })
            {
                yield return (name, MayComeToNothing(requester, text) ? pattern.OrAbsent() : pattern);
                continue;
            }

            var evaluated = requester.Template(text).Evaluate(context);
            if (evaluated.Kind == ValueKind.List)
            {
                foreach (var item in evaluated.List)
                    yield return (name, Marked(PythonText.Str(item)));
            }
            else if (!evaluated.IsNothing)
            {
                yield return (name, Marked(evaluated.IsText ? evaluated.Text : requester.Template(text).EvaluateText(context) ?? ""));
            }
        }
    }

    private void AddQuery(RequestShape shape, string name, TextPattern value) => shape.Query.Add((name, value));

    private string Rendered(Component component, string text) => Pattern(component, text).ToString();

    private TextPattern Pattern(Component component, string text) => Guarded(component, text) ?? Marked(component.Template(text).EvaluateText(context) ?? "");

    /// <summary>
    /// A template that computes with a boundary cannot be evaluated with a mark in its place; then each such expression is a hole by itself. Null when the
    /// template has nothing to do with the interval.
    /// </summary>
    private TextPattern? Guarded(Component component, string text)
    {
        if (cursor is null || !Interval().IsMatch(text) || !(Mentions(text, cursor.StartName) || Mentions(text, cursor.EndName) || cursor.IsCount && Mentions(text, "start_value")))
            return null;
        string? rendered = null;
        try
        {
            rendered = component.Template(text).EvaluateText(context) ?? "";
        }
        catch (ExpressionException)
        {
            // A function that wants a time does not take a mark.
        }

        if (rendered is not null && rendered != text && (rendered.Contains("~~", StringComparison.Ordinal) || !text.Contains("format_datetime", StringComparison.Ordinal) && !text.Contains("split", StringComparison.Ordinal)))
            return Marked(rendered);

        return Marked(Expression().Replace(text, match => !Interval().IsMatch(match.Value) ? component.Template(match.Value).EvaluateText(context) ?? ""
            : Mentions(match.Value, cursor.StartName) ? ComputedStartMark : ComputedEndMark));
    }

    /// <summary>True when an expression with a condition sends nothing for the interval at which a first read starts.</summary>
    private bool MayComeToNothing(Component component, string text)
    {
        if (cursor is not { IsCount: false, Start: { } start } || !Mentions(text, cursor.StartName))
            return false;
        var slice = context[Variable.StreamSlice].Map.Copy().Set(cursor.StartName, Value.Of(Times.Format(new Moment(start.ToUniversalTime(), true), cursor.Format)));
        try
        {
            return component.Template(text).Evaluate(context.With(Variable.StreamSlice, Value.Of(slice))).IsNothing;
        }
        catch (ExpressionException)
        {
            return false;
        }
    }

    /// <summary>By the language a text in quotes is the text in them, which keeps digits from becoming a number.</summary>
    private static string Unquoted(string text) => text.Length > 1 && text[0] is '\'' or '"' && text[^1] == text[0] ? text[1..^1] : text;

    private TextPattern Marked(string text)
    {
        if (cursor is null || !text.Contains("~~", StringComparison.Ordinal))
            return text;

        return TextPattern.Marked(
            text,
            [
                (StartMark, Boundary.Start, cursor.Format), (EndMark, Boundary.End, cursor.Format),
                (ComputedStartMark, Boundary.Start, null), (ComputedEndMark, Boundary.End, null),
            ]);
    }

    private static bool Mentions(string text, string name) => text.Contains(name, StringComparison.Ordinal);

    [GeneratedRegex(@"stream_(interval|slice|partition)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Interval();

    [GeneratedRegex(@"\{\{.*?\}\}|\{%.*%\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Expression();
}
