using System.Text.Json;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Reading;

/// <summary>The partitions and intervals that a caller chose (<see cref="ReadRequest.Only"/>).</summary>
internal sealed class ReadSelection(IReadOnlyList<JsonElement> only)
{
    private readonly List<ValueMap> _only = [.. only.Select(one => ValueJson.FromElement(one)).Select(one => one.Kind == ValueKind.Map
        ? one.Map
        : throw new ArgumentException("What is chosen to be read is a JSON object with fields of a partition or an interval.", nameof(only)))];
    private readonly HashSet<int> _found = [];

    /// <summary>Objects that agreed with nothing so far.</summary>
    public int Missing => _only.Count - _found.Count;

    /// <summary>True when something of a partition may be chosen.</summary>
    public bool Has(Partition partition) => _only.Any(one => Agrees(one, partition.Fields, isPart: true));

    public bool Has(Partition partition, CursorSlice slice)
    {
        var fields = partition.Fields.Copy();
        foreach (var (key, value) in slice.Fields)
            fields.Set(key, value);
        var has = false;
        for (var at = 0; at < _only.Count; at++)
        {
            if (!Agrees(_only[at], fields, isPart: false))
                continue;
            _found.Add(at);
            has = true;
        }

        return has;
    }

    /// <param name="isPart">Fields that are not there may still come with the interval.</param>
    private static bool Agrees(ValueMap wanted, ValueMap fields, bool isPart) =>
        wanted.All(one => fields.TryGet(one.Key, out var value) ? PythonText.Repr(value) == PythonText.Repr(one.Value) : isPart);
}
