using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// Follows <c>$ref</c>: a map takes over the members of what it refers to, its own win; a text <c>#/…</c> becomes what it refers to. Each target is
/// resolved once and shared, so references of references cost no memory.
/// </summary>
internal sealed class ManifestReferences
{
    /// <summary>Each reference copies the members of its target, so a short file with a large target could ask for any amount.</summary>
    private const long MergedMax = 2_000_000;

    private readonly Value _root;
    private readonly Dictionary<string, Value> _resolved = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<object, Value> _walked = new(ReferenceEqualityComparer.Instance);
    private int _depth;
    private long _merged;

    private ManifestReferences(Value root) => _root = root;

    public static Value Resolve(Value root) => new ManifestReferences(root).Walk(root, "");

    private Value Walk(Value value, string path)
    {
        // References lengthen the way beyond what the file's own nesting allows.
        if (++_depth > 400)
            throw new ManifestException(path, "", "References lead too deep.");
        var result = value.Kind switch
        {
            ValueKind.Map => Shared(value.Map, () => WalkMap(value.Map, path)),
            ValueKind.List => Shared(value.List, () => Value.Of(value.List.Map((item, at) => IsPlain(item) ? item : Walk(item, $"{path}[{at}]")))),
            ValueKind.Text when value.Text.StartsWith("#/", StringComparison.Ordinal) => Target(value.Text, path),
            _ => value,
        };
        _depth--;

        return result;
    }

    /// <summary>Nothing in it can be a reference. Most values are so, and need no path.</summary>
    private static bool IsPlain(Value value) => value.Kind is not (ValueKind.Map or ValueKind.List) && !(value.IsText && value.Text.StartsWith("#/", StringComparison.Ordinal));

    private Value Shared(object node, Func<Value> walk)
    {
        if (!_walked.TryGetValue(node, out var result))
            _walked[node] = result = walk();

        return result;
    }

    private Value WalkMap(ValueMap map, string path)
    {
        if (!map.TryGet("$ref", out var reference))
        {
            var plain = new ValueMap();
            foreach (var (key, member) in map)
                plain.Set(key, IsPlain(member) ? member : Walk(member, Join(path, key)));

            return Value.Of(plain);
        }

        var target = reference.IsText
            ? reference.Text.StartsWith("#/", StringComparison.Ordinal) ? Target(reference.Text, path) : throw NotFound(reference.Text, path)
            : Walk(reference, Join(path, "$ref"));
        if (target.Kind != ValueKind.Map)
            return target;

        if ((_merged += target.Map.Count) > MergedMax)
            throw new ManifestException(path, "", $"References take over more than {MergedMax:N0} members.");
        var merged = target.Map.Copy();
        foreach (var (key, member) in map)
        {
            if (key != "$ref")
                merged.Set(key, IsPlain(member) ? member : Walk(member, Join(path, key)));
        }

        return Value.Of(merged);
    }

    private Value Target(string reference, string path)
    {
        if (_resolved.TryGetValue(reference, out var known))
            return known;
        if (!_open.Add(reference))
            throw new ManifestException(path, "", $"The reference {reference} leads back to itself.");

        var value = Walk(Find(reference, path), reference[2..].Replace('/', '.'));
        _open.Remove(reference);

        return _resolved[reference] = value;
    }

    private Value Find(string reference, string path)
    {
        var parts = reference[2..].Split('/');
        var value = _root;
        for (var at = 0; at < parts.Length; at++)
        {
            // Keys may hold slashes themselves, so longer and longer keys are tried.
            var found = Value.Undefined;
            for (var end = at + 1; end <= parts.Length && value.Kind == ValueKind.Map; end++)
            {
                found = value.Map[string.Join('/', parts[at..end])];
                if (found.Kind == ValueKind.Undefined)
                    continue;
                at = end - 1;
                break;
            }

            if (value.Kind == ValueKind.List && int.TryParse(parts[at], out var index) && index >= 0 && index < value.List.Count)
                found = value.List[index];
            if (found.IsUndefined)
                throw NotFound(reference, path);

            // The way to the target may itself lead through a reference; what stands beside it goes before what it refers to.
            value = found.Kind == ValueKind.Map && found.Map.TryGet("$ref", out var next) && next.IsText && at < parts.Length - 1 && !Has(found.Map, parts.AsSpan(at + 1)) ? Target(next.Text, path) : found;
        }

        return value;
    }

    private static bool Has(ValueMap map, ReadOnlySpan<string> parts)
    {
        for (var count = 1; count <= parts.Length; count++)
        {
            if (map.Has(string.Join('/', parts[..count]!)))
                return true;
        }

        return false;
    }

    private static ManifestException NotFound(string reference, string path) => new(path, "", $"The reference {reference} names nothing in this manifest.");

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
