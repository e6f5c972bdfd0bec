using System.Text;
using System.Text.Json;

namespace ListBackup.Testing.Manifests;

/// <summary>The JSON of an answer: records where the manifest looks for them, and what else it asks for.</summary>
internal sealed class FakeBody
{
    private readonly Dictionary<string, object> _root = new(StringComparer.Ordinal);
    private readonly string? _whole;

    public FakeBody(IReadOnlyList<string> path, IReadOnlyList<string> records)
    {
        if (path.Count == 0)
            _whole = (string)At(path, 0, records);
        else if (path[0] == "*")
            _root = records.Select((record, at) => (Key: $"key{at}", Value: Inside(path, 1, record))).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        else
            _root = (Dictionary<string, object>)At(path, 0, records);
    }

    /// <summary>A body whose one record, an object and no list, has room for what else is asked.</summary>
    public FakeBody(IReadOnlyList<string> path, string record)
    {
        var map = _root;
        foreach (var part in path)
        {
            var next = new Dictionary<string, object>(StringComparer.Ordinal);
            map[part] = next;
            map = next;
        }

        using var document = JsonDocument.Parse(record);
        foreach (var member in document.RootElement.EnumerateObject())
            map[member.Name] = member.Value.GetRawText();
    }

    /// <summary>The object at a path, as it is written.</summary>
    public string At(IReadOnlyList<string> path) => Raw(path.Aggregate((object)_root, (node, part) => ((Dictionary<string, object>)node)[part]));

    public FakeBody() => _root = new Dictionary<string, object>(StringComparer.Ordinal);

    public bool IsList => _whole is not null;

    /// <summary>False when records stand in the way.</summary>
    public bool CanSet(IReadOnlyList<string> path)
    {
        if (_whole is not null)
            return false;
        object node = _root;
        foreach (var part in path)
        {
            if (node is not Dictionary<string, object> map)
                return false;
            if (!map.TryGetValue(part, out var next))
                return true;
            node = next;
        }

        return false;
    }

    public void Set(IReadOnlyList<string> path, string json)
    {
        var map = _root;
        foreach (var part in path.SkipLast(1))
        {
            if (map.GetValueOrDefault(part) is not Dictionary<string, object> next)
                map[part] = next = new Dictionary<string, object>(StringComparer.Ordinal);
            map = next;
        }

        map[path[^1]] = json;
    }

    public override string ToString()
    {
        if (_whole is not null)
            return _whole;
        var json = new StringBuilder();
        Write(_root, json);

        return json.ToString();
    }

    private static object At(IReadOnlyList<string> path, int at, IReadOnlyList<string> records)
    {
        if (at == path.Count)
            return $"[{string.Join(",\n ", records)}]";
        if (path[at] != "*")
            return new Dictionary<string, object>(StringComparer.Ordinal) { [path[at]] = At(path, at + 1, records) };
        if (at == path.Count - 1)
            return $"[{string.Join(", ", records)}]";

        // Behind a wildcard each item holds one record.
        return $"[{string.Join(", ", records.Select(record => Raw(Inside(path, at + 1, record))))}]";
    }

    private static object Inside(IReadOnlyList<string> path, int at, string record)
    {
        if (at == path.Count)
            return record;
        if (path[at] == "*")
            return $"[{Raw(Inside(path, at + 1, record))}]";

        return new Dictionary<string, object>(StringComparer.Ordinal) { [path[at]] = Inside(path, at + 1, record) };
    }

    private static string Raw(object node)
    {
        var json = new StringBuilder();
        Write(node, json);

        return json.ToString();
    }

    private static void Write(object node, StringBuilder json)
    {
        if (node is string raw)
        {
            json.Append(raw);
            return;
        }

        json.Append('{');
        var first = true;
        foreach (var (key, value) in (Dictionary<string, object>)node)
        {
            if (!first)
                json.Append(", ");
            first = false;
            json.Append('"').Append(JsonEncodedText.Encode(key)).Append("\": ");
            Write(value, json);
        }

        json.Append('}');
    }
}
