using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads a map of our own languages (x-listbackup, restore.yaml), where every key is known or an error and nothing is inherited.</summary>
internal sealed class PlainReader(ValueMap map, string path, ParseContext context)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public string Path => path;

    public ValueMap Map => map;

    public static PlainReader Of(Value value, string path, ParseContext context) =>
        value.Kind == ValueKind.Map ? new PlainReader(value.Map, path, context) : throw new ManifestException(path, "", "A map is wanted.");

    public Value Raw(string key)
    {
        _read.Add(key);

        return map[key];
    }

    public bool Has(string key) => !Raw(key).IsNothing;

    public string? TextOrNull(string key) => Raw(key) switch
    {
        { IsNothing: true } => null,
        { Kind: ValueKind.List or ValueKind.Map } => throw Problem(key, "A text is wanted."),
        var value => PythonText.Str(value),
    };

    public string Text(string key) => TextOrNull(key) ?? throw Problem(key, "This option is required.");

    public bool Flag(string key, bool fallback) => Raw(key) switch
    {
        { IsNothing: true } => fallback,
        { Kind: ValueKind.Boolean } value => value.Boolean,
        _ => throw Problem(key, "true or false is wanted."),
    };

    public IReadOnlyList<string> Texts(string key) => Items(key).Select(item => item.Kind == ValueKind.Boolean ? item.Boolean ? "true" : "false" : PythonText.Str(item)).ToList();

    /// <summary>A field: a key, or keys from the outside in.</summary>
    public FieldPath? FieldOrNull(string key) => Raw(key) is { IsNothing: false } value ? Field(value, key) : null;

    public FieldPath Field(string key) => FieldOrNull(key) ?? throw Problem(key, "This option is required.");

    public IReadOnlyList<FieldPath> Fields(string key) => [.. Items(key).Select((item, at) => Field(item, $"{key}[{at}]"))];

    public PlainReader? MapOrNull(string key) => Raw(key) is { IsNothing: false } value ? Of(value, $"{path}.{key}", context) : null;

    public IReadOnlyList<T> Maps<T>(string key, Func<PlainReader, T> parse) => [.. Items(key).Select((item, at) => parse(Of(item, $"{path}.{key}[{at}]", context)))];

    public Template? TemplateOrNull(string key) => TextOrNull(key) is { } text ? Template(key, text) : null;

    public Template Template(string key, string text)
    {
        try
        {
            return context.Template(text, Value.Undefined);
        }
        catch (ExpressionException exception)
        {
            throw Problem(key, exception.Message);
        }
    }

    /// <summary>A reader of the connector language's own components, for inputs that our languages share with it.</summary>
    public ComponentReader AsComponent(string type) => new(map, path, type, Value.Undefined, context);

    public T Done<T>(T result)
    {
        foreach (var key in map.Keys.Where(key => !_read.Contains(key)))
        {
            var meant = NearMiss.Find(key, _read.Where(known => map[known].IsNothing));
            context.Add(new ManifestProblem($"{path}.{key}", "", meant is null ? "This option is not known." : $"This option is not known; '{meant}' was probably meant."));
        }

        return result;
    }

    public ManifestException Problem(string key, string reason) => new($"{path}.{key}", "", reason);

    private IReadOnlyList<Value> Items(string key) => Raw(key) switch
    {
        { IsNothing: true } => [],
        { Kind: ValueKind.List } list => list.List,
        _ => throw Problem(key, "A list is wanted."),
    };

    private FieldPath Field(Value value, string key) => value switch
    {
        { Kind: ValueKind.List, List.Count: > 0 } list => new FieldPath(list.List.Select(PythonText.Str)),
        { IsText: true, Text.Length: > 0 } text => FieldPath.Of(text.Text),
        _ => throw Problem(key, "A field is a key, or a list of keys from the outside in."),
    };
}
