using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Records;

/// <summary>One page that came in several answers, each with some fields of the records: rows of one key are one record.</summary>
/// <param name="key">The fields that are the key.</param>
internal sealed class RowMerge(IReadOnlyList<string> key)
{
    private readonly List<Merged> _all = [];
    private readonly Dictionary<string, Merged> _byKey = new(StringComparer.Ordinal);
    private int _answers;
    private int _refused;
    private int _listed;

    /// <summary>Records of which some answer had nothing, so that fields may be missing.</summary>
    public int Partial => _answers < 2 ? 0 : _all.Count(record => record.Key is null || record.Answers < _answers);

    /// <summary>Begins the next answer.</summary>
    public void Next() => _answers++;

    /// <summary>Takes rows of the answer that was begun. Their bytes must stay until <see cref="Finish"/>.</summary>
    public void Add(PageRows rows)
    {
        if (_answers == 1)
            (_refused, _listed) = (_refused + rows.Refused, _listed + rows.Listed);
        foreach (var row in rows.Rows)
        {
            var map = ValueJson.Parse(row).Map;
            var name = NameOf(map);
            if (name is null || !_byKey.TryGetValue(name, out var known))
            {
                var merged = new Merged(name, map) { Seen = _answers };
                _all.Add(merged);
                if (name is not null)
                    _byKey.Add(name, merged);
                continue;
            }

            // Two rows of one key in one answer are one answer's word.
            known.Answers += known.Seen == _answers ? 0 : 1;
            known.Seen = _answers;
            Merge(known.Map, map, 0);
        }
    }

    public PageRows Finish(Lazy<PageBuffer> scratch)
    {
        var rows = new PageRows { Refused = _refused, Listed = _listed };
        var written = new List<(int Start, int Length)>(_all.Count);
        foreach (var record in _all)
        {
            var start = scratch.Value.Length;
            ValueJson.Write(Value.Of(record.Map), scratch.Value);
            written.Add((start, scratch.Value.Length - start));
        }

        foreach (var (start, length) in written)
            rows.Rows.Add(scratch.Value.Memory.Slice(start, length));

        return rows;
    }

    /// <summary>Null for a row that lacks a part of its key; it stays a record of its own.</summary>
    private string? NameOf(ValueMap map)
    {
        var parts = key.Select(field => map[field]).ToList();

        return parts.Exists(part => part.IsNothing) ? null : PythonText.Repr(Value.Of(parts));
    }

    /// <summary>Maps go into each other; anything else that comes later wins, with the bytes that it came in.</summary>
    private static void Merge(ValueMap into, ValueMap from, int depth)
    {
        foreach (var member in from.WrittenMembers)
        {
            if (depth < ValueJson.DepthMax && member.Value.Kind == ValueKind.Map && into[member.Key] is { Kind: ValueKind.Map } present)
            {
                var both = present.Map.Copy();
                Merge(both, member.Value.Map, depth + 1);
                into.Set(member.Key, Value.Of(both));
            }
            else
            {
                into.Adopt(member.Key, member);
            }
        }
    }

    private sealed class Merged(string? key, ValueMap map)
    {
        public string? Key => key;

        public ValueMap Map => map;

        public int Answers { get; set; } = 1;

        public int Seen { get; set; }
    }
}
