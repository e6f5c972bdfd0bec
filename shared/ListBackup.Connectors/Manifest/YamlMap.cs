using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>A map that is being read, with the maps that <c>&lt;&lt;</c> merges into it: what it writes itself wins, then what is merged first.</summary>
internal sealed class YamlMap
{
    private readonly ValueMap _members = new();
    private List<ValueMap>? _merged;

    /// <summary>Levels of its highest member.</summary>
    public int Height { get; set; }

    /// <returns>How many members are merged.</returns>
    public int Add(string key, Value value)
    {
        if (key != "<<")
        {
            _members.Set(key, value);

            return 0;
        }

        if (value.Kind != ValueKind.List)
            return Merge(value);
        var merged = 0;
        foreach (var item in value.List)
            merged += Merge(item);

        return merged;
    }

    public ValueMap Finished()
    {
        foreach (var merged in _merged ?? [])
        {
            foreach (var (key, value) in merged)
            {
                if (!_members.Has(key))
                    _members.Set(key, value);
            }
        }

        return _members;
    }

    private int Merge(Value value)
    {
        if (value.Kind != ValueKind.Map)
            return 0;
        (_merged ??= []).Add(value.Map);

        return value.Map.Count;
    }
}
