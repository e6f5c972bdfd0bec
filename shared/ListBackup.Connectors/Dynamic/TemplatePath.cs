using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Dynamic;

/// <summary>
/// Puts a value at a place of a stream template. <c>*</c> stands for every key or item, <c>**</c> for any number of levels. What is on the way is
/// copied, so the template stays as it is.
/// </summary>
internal sealed class TemplatePath
{
    private readonly IReadOnlyList<string> _path;
    private readonly Value _value;
    private bool _found;

    private TemplatePath(IReadOnlyList<string> path, Value value)
    {
        _path = path;
        _value = value;
    }

    /// <param name="create">Make the place when it is not there; an empty value makes none.</param>
    public static Value Put(Value component, IReadOnlyList<string> path, Value value, bool create)
    {
        var put = new TemplatePath(path, value);
        var changed = put.Replace(component, 0, null);
        if (put._found || !create || !value.IsTrue || component.Kind != ValueKind.Map)
            return changed;

        var copy = component.Map.Copy();
        ValuePaths.Set(copy, path, value);

        return Value.Of(copy);
    }

    private Value Replace(Value node, int at, ValueMap? parameters)
    {
        if (at == _path.Count)
        {
            _found = true;

            return _value;
        }

        // Below first: what is put here must not be walked again.
        if (_path[at] == "**" && at < _path.Count - 1)
            return Replace(Each(node, at, parameters), at + 1, parameters);
        if (_path[at] is "*" or "**")
            return Each(node, at + 1, parameters);

        return node.Kind switch
        {
            ValueKind.Map => Member(node.Map, at, Scope(node.Map, parameters)),
            ValueKind.List when Index(_path[at], node.List.Count) is { } index => Item(node.List, index, at, parameters),
            _ => node,
        };
    }

    private Value Each(Value node, int at, ValueMap? parameters)
    {
        if (node.Kind == ValueKind.List)
            return Value.Of(node.List.Select(item => Replace(item, at, parameters)));
        if (node.Kind != ValueKind.Map)
            return node;

        var scope = Scope(node.Map, parameters);
        var copy = node.Map.Copy();
        foreach (var (key, value) in node.Map)
            copy.Set(key, Replace(value, at, scope));

        return Value.Of(copy);
    }

    private Value Member(ValueMap map, int at, ValueMap? parameters)
    {
        var isThere = map.TryGet(_path[at], out var member);

        // In this language a component has a field that a parameter in force there fills, so it is a field that is there.
        if (!isThere && (at < _path.Count - 1 || parameters?.Has(_path[at]) != true || !map.Has("type")))
            return Value.Of(map);
        var copy = map.Copy();
        copy.Set(_path[at], Replace(member, at + 1, parameters));

        return Value.Of(copy);
    }

    private Value Item(ValueList list, int index, int at, ValueMap? parameters)
    {
        var copy = new ValueList(list);
        copy.Set(index, Replace(list[index], at + 1, parameters));

        return Value.Of(copy);
    }

    private static ValueMap? Scope(ValueMap map, ValueMap? parameters)
    {
        if (map["$parameters"] is not { Kind: ValueKind.Map } own)
            return parameters;
        if (parameters is null)
            return own.Map;

        var scope = parameters.Copy();
        foreach (var (key, value) in own.Map)
            scope.Set(key, value);

        return scope;
    }

    private static int? Index(string key, int count) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count ? index : null;
}
