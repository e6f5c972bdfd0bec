using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>One component of a manifest with the <c>$parameters</c> that reach it: a member that it lacks is taken from them.</summary>
internal sealed class Component
{
    private readonly ManifestDocument _document;
    private readonly Dictionary<string, object?> _map;
    private readonly Dictionary<string, object?> _parameters;
    private readonly bool _outerWins;
    private readonly Lazy<Value> _parameterValues;
    private readonly Dictionary<string, Component?> _children = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Template> _templates = new(StringComparer.Ordinal);

    /// <param name="outerWins">A parameter from around a component goes before one of its own, as in templates of dynamic streams.</param>
    public Component(ManifestDocument document, Dictionary<string, object?> map, Dictionary<string, object?>? inherited = null, bool outerWins = false)
    {
        _document = document;
        _map = map;
        _outerWins = outerWins;
        _parameters = inherited ?? [];
        if (document.Resolve(map.GetValueOrDefault("$parameters")) is Dictionary<string, object?> own)
        {
            _parameters = new Dictionary<string, object?>(_parameters, StringComparer.Ordinal);
            foreach (var (key, value) in own.Where(parameter => !outerWins || !_parameters.ContainsKey(parameter.Key)))
                _parameters[key] = document.Resolve(value);
        }

        _parameterValues = new(() => ToValue(_parameters));
    }

    public string Type => this["type"] as string ?? "";

    public IReadOnlyDictionary<string, object?> Map => _map;

    public object? this[string key] => _document.Resolve(_map.TryGetValue(key, out var own) && own is not null ? own : key is "type" ? null : _parameters.GetValueOrDefault(key));

    /// <summary>The component in a member; the same one each time.</summary>
    public Component? Child(string key)
    {
        if (!_children.TryGetValue(key, out var child))
            _children[key] = child = this[key] is Dictionary<string, object?> map ? Of(map, key) : null;

        return child;
    }

    public IReadOnlyList<Component> Children(string key) => this[key] switch
    {
        List<object?> list => [.. list.Select(item => _document.Resolve(item)).OfType<Dictionary<string, object?>>().Select(map => Of(map, key))],
        Dictionary<string, object?> map => [Of(map, key)],
        _ => [],
    };

    public string? Text(string key) => this[key] is { } value ? TextOf(value) : null;

    public bool Flag(string key) => this[key] is true or "true" or "True";

    public long? Whole(string key) => this[key] switch { long whole => whole, double number => (long)number, string text when long.TryParse(text, out var parsed) => parsed, _ => null };

    public IReadOnlyList<string> Texts(string key) => this[key] switch
    {
        List<object?> list => [.. list.Select(item => TextOf(_document.Resolve(item)))],
        null => [],
        var one => [TextOf(one)],
    };

    /// <summary>A node with every reference in it followed.</summary>
    public object? Plain(string key) => Plain(this[key], keepsParameters: false);

    /// <summary>A copy of a node with every reference in it followed, in which components still have their parameters.</summary>
    public object? Tree(string key) => Plain(this[key], keepsParameters: true);

    /// <summary>This component with one more member.</summary>
    public Component With(string key, object? value) => new(_document, new Dictionary<string, object?>(_map, StringComparer.Ordinal) { [key] = value }, _parameters, _outerWins);

    /// <summary>A component that is made of one in this place, and takes its parameters from here.</summary>
    public Component Inner(Dictionary<string, object?> map, bool outerWins) => new(_document, map, _parameters, outerWins);

    public Template Template(string text)
    {
        if (!_templates.TryGetValue(text, out var template))
            _templates[text] = template = ListBackup.Connectors.Expressions.Template.Parse(text, _parameterValues.Value);

        return template;
    }

    public static string TextOf(object? value) => value switch
    {
        null => "",
        true => "True",
        false => "False",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    public static Value ToValue(object? node) => node switch
    {
        null => Value.None,
        bool flag => Value.Of(flag),
        long whole => Value.Of(whole),
        double number => Value.Of(number),
        string text => Value.Of(text),
        List<object?> list => Value.Of(list.Select(ToValue)),
        Dictionary<string, object?> map => Value.Of(map.Aggregate(new ValueMap(), (values, member) => values.Set(member.Key, ToValue(member.Value)))),
        _ => throw new ArgumentException($"A manifest has no {node.GetType()}."),
    };

    /// <summary>The reverse of <see cref="ToValue"/>.</summary>
    public static object? ToNode(Value value) => value.Kind switch
    {
        _ when value.IsNothing => null,
        ValueKind.Boolean => value.Boolean,
        ValueKind.Integer => (long)value.Integer,
        ValueKind.Float => value.Double,
        ValueKind.List => value.List.Select(ToNode).ToList(),
        ValueKind.Map => value.Map.ToDictionary(member => member.Key, member => ToNode(member.Value), StringComparer.Ordinal),
        _ => PythonText.Str(value),
    };

    private Component Of(Dictionary<string, object?> map, string key)
    {
        // A parameter that names this very member is not handed to what stands in it.
        if (!_parameters.ContainsKey(key))
            return new Component(_document, map, _parameters, _outerWins);
        var rest = new Dictionary<string, object?>(_parameters, StringComparer.Ordinal);
        rest.Remove(key);

        return new Component(_document, map, rest, _outerWins);
    }

    private object? Plain(object? node, bool keepsParameters) => _document.Resolve(node) switch
    {
        List<object?> list => list.Select(item => Plain(item, keepsParameters)).ToList(),
        Dictionary<string, object?> map => map.Where(member => keepsParameters || member.Key != "$parameters")
            .ToDictionary(member => member.Key, member => Plain(member.Value, keepsParameters), StringComparer.Ordinal),
        var scalar => scalar,
    };
}
