using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// How many values a tree has when everything shared in it is written out. References share, so a short file can stand for a tree that fills any
/// memory; whatever is loaded is written out somewhere (schemas, bodies), so it is measured first. Each shared part is counted once.
/// </summary>
internal sealed class ExpandedSize
{
    private readonly Dictionary<object, long> _sizes = new(ReferenceEqualityComparer.Instance);

    /// <summary>The size, or <see cref="long.MaxValue"/> when it is beyond counting.</summary>
    public long Of(Value value) => value.Kind switch
    {
        ValueKind.Map => Of(value.Map, value.Map.Values),
        ValueKind.List => Of(value.List, value.List),
        _ => 1,
    };

    private long Of(object node, IEnumerable<Value> children)
    {
        if (_sizes.TryGetValue(node, out var known))
            return known;

        var size = 1L;
        foreach (var child in children)
        {
            var more = Of(child);
            size = more > long.MaxValue - size ? long.MaxValue : size + more;
        }

        return _sizes[node] = size;
    }
}
