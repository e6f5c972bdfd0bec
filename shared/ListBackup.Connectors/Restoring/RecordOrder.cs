namespace ListBackup.Connectors.Restoring;

/// <summary>
/// Brings records of one stream that refer to one another (folders with a parent) into an order in which each comes after those it refers to, as far as they do not
/// go in a circle. Holds names, never contents: about 300 bytes for each record. The same records in the same order come out in the same order.
/// </summary>
public sealed class RecordOrder
{
    private readonly List<(string Key, IReadOnlyList<string> RefersTo)> _records = [];
    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);

    public int Count => _records.Count;

    /// <param name="key">What the caller knows the record by.</param>
    /// <param name="id">What other records know it by.</param>
    /// <param name="refersTo">Ids of records of the same stream. One that is not among the records is passed over.</param>
    public void Add(string key, string id, IReadOnlyList<string> refersTo)
    {
        _byId.TryAdd(id == key ? key : id, _records.Count); // One text where both are the same: half of what a record costs here.
        _records.Add((key, refersTo));
    }

    /// <summary>Every record once: those it refers to first, else as they were added.</summary>
    public IEnumerable<OrderedRecord> InOrder()
    {
        var places = new int[_records.Count];
        Array.Fill(places, int.MaxValue);
        var order = new List<int>(_records.Count);
        var seen = new bool[_records.Count];
        var open = new Stack<(int Record, int Next)>();
        for (var first = 0; first < _records.Count; first++)
        {
            if (!seen[first])
                Visit(first);
        }

        return order.Select(record => new OrderedRecord(_records[record].Key, Later(record)));

        // A list may be a chain of a million records, so the way down is kept here and not on the thread's stack.
        void Visit(int first)
        {
            seen[first] = true;
            open.Push((first, 0));
            while (open.TryPop(out var step))
            {
                var (record, next) = step;
                if (next == _records[record].RefersTo.Count)
                {
                    places[record] = order.Count;
                    order.Add(record);
                    continue;
                }

                open.Push((record, next + 1));
                if (_byId.TryGetValue(_records[record].RefersTo[next], out var target) && !seen[target])
                {
                    seen[target] = true;
                    open.Push((target, 0));
                }
            }
        }

        IReadOnlyList<string> Later(int record) => [.. _records[record].RefersTo.Where(id => _byId.TryGetValue(id, out var target) && places[target] >= places[record])];
    }
}

/// <param name="Key">As it was added.</param>
/// <param name="Later">Those that it refers to and that come later, or are the record itself: a circle.</param>
public sealed record OrderedRecord(string Key, IReadOnlyList<string> Later);
