using System.Globalization;
using System.IO.Enumeration;

namespace ListBackup.Connectors.Expressions;

/// <summary>Reading and changing parts of nested maps. A map on the way to a change is copied, so what it was shared with stays as it was.</summary>
internal static class ValuePaths
{
    /// <summary>A list is made no longer than this to reach a place behind its end.</summary>
    private const int ListItemsAddedMax = 1000;

    /// <summary>The value at a path without wildcards, or undefined.</summary>
    public static Value Get(Value value, IReadOnlyList<string> path)
    {
        foreach (var key in path)
        {
            value = value.Kind switch
            {
                ValueKind.Map => value.Map[key],
                ValueKind.List when Index(key, value.List.Count) is { } index => value.List[index],
                _ => Value.Undefined,
            };
        }

        return value;
    }

    /// <summary>All values that a path with <c>*</c> (any key or item) and <c>**</c> (any number of levels) leads to.</summary>
    public static IEnumerable<Value> Find(Value value, IReadOnlyList<string> path, int at = 0)
    {
        if (at == path.Count)
            return [value];

        var rest = path[at] switch
        {
            "*" => Children(value).SelectMany(child => Find(child, path, at + 1)),
            "**" => Find(value, path, at + 1).Concat(Children(value).SelectMany(child => Find(child, path, at))),
            var key when Get(value, [key]) is { IsUndefined: false } found => Find(found, path, at + 1),
            var pattern when value.Kind == ValueKind.Map && pattern.AsSpan().ContainsAny('*', '?') =>
                value.Map.Where(member => FileSystemName.MatchesSimpleExpression(pattern, member.Key, ignoreCase: false)).SelectMany(member => Find(member.Value, path, at + 1)),
            _ => [],
        };

        return rest;
    }

    /// <summary>Sets a value and makes the maps on the way.</summary>
    public static void Set(ValueMap map, IReadOnlyList<string> path, Value value)
    {
        for (var at = 0; at < path.Count - 1; at++)
        {
            var next = map[path[at]];
            if (next.Kind == ValueKind.List && at + 1 < path.Count)
            {
                SetInList(map, path, at, next.List, value);
                return;
            }

            var inner = next.Kind == ValueKind.Map ? next.Map.Copy() : new ValueMap();
            map.Set(path[at], Value.Of(inner));
            map = inner;
        }

        map.Set(path[^1], value);
    }

    /// <summary>
    /// Takes out what a path leads to; <c>*</c> reaches every key or item, <c>hs_*</c> every key that begins so. Nothing happens when it leads nowhere.
    /// </summary>
    public static void Remove(ValueMap map, IReadOnlyList<string> path, int at = 0)
    {
        if (at == path.Count - 1)
        {
            if (path[at] is "*" or "**")
                map.Clear();
            foreach (var key in Keys(map, path[at]))
                map.Remove(key);

            return;
        }

        foreach (var key in Keys(map, path[at]))
        {
            var next = map[key];
            if (next.Kind == ValueKind.Map)
            {
                var inner = next.Map.Copy();
                Remove(inner, path, at + 1);
                map.Set(key, Value.Of(inner));
            }
            else if (next.Kind == ValueKind.List)
            {
                map.Set(key, RemoveInList(next.List, path, at + 1));
            }
        }
    }

    /// <summary>Replaces each value that a path leads to.</summary>
    public static Value Change(Value value, IReadOnlyList<string> path, Func<Value, Value> change, int at = 0)
    {
        if (at == path.Count)
            return change(value);
        if (value.Kind == ValueKind.List)
        {
            return Value.Of(value.List.Select((item, index) =>
                path[at] == "*" || Index(path[at], value.List.Count) == index ? Change(item, path, change, at + 1) : item));
        }

        if (value.Kind != ValueKind.Map)
            return value;

        var copy = value.Map.Copy();
        foreach (var key in path[at] == "*" ? [.. value.Map.Keys] : new[] { path[at] })
        {
            if (copy.TryGet(key, out var member))
                copy.Set(key, Change(member, path, change, at + 1));
        }

        return Value.Of(copy);
    }

    private static void SetInList(ValueMap map, IReadOnlyList<string> path, int at, ValueList list, Value value)
    {
        var copy = new ValueList(list);
        if (Index(path[at + 1], list.Count) is not { } index)
        {
            // A place behind the end is made, as the language has it, within reason.
            if (!int.TryParse(path[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out index) || index > ListItemsAddedMax)
                return;
            while (copy.Count <= index)
                copy.Add(Value.None);
        }

        if (at + 1 == path.Count - 1)
        {
            copy.Set(index, value);
        }
        else
        {
            var inner = copy[index].Kind == ValueKind.Map ? copy[index].Map.Copy() : new ValueMap();
            Set(inner, [.. path.Skip(at + 2)], value);
            copy.Set(index, Value.Of(inner));
        }

        map.Set(path[at], Value.Of(copy));
    }

    private static Value RemoveInList(ValueList list, IReadOnlyList<string> path, int at)
    {
        var last = at == path.Count - 1;
        var kept = new ValueList();
        for (var index = 0; index < list.Count; index++)
        {
            var chosen = path[at] == "*" || Index(path[at], list.Count) == index;
            if (chosen && last)
                continue;
            var item = list[index];
            if (chosen && item.Kind == ValueKind.Map)
            {
                var inner = item.Map.Copy();
                Remove(inner, path, at + 1);
                item = Value.Of(inner);
            }

            kept.Add(item);
        }

        return Value.Of(kept);
    }

    /// <summary>The keys that a part of a path means: one, all, or all with a beginning.</summary>
    private static IReadOnlyList<string> Keys(ValueMap map, string part) =>
        part.EndsWith('*') ? [.. map.Keys.Where(key => key.StartsWith(part.TrimEnd('*'), StringComparison.Ordinal))] : [part];

    private static IEnumerable<Value> Children(Value value) => value.Kind switch
    {
        ValueKind.Map => value.Map.Values,
        ValueKind.List => value.List,
        _ => [],
    };

    private static int? Index(string key, int count) =>
        int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? index < 0 ? index + count is >= 0 and var fromEnd ? fromEnd : null : index < count ? index : null
            : null;
}
