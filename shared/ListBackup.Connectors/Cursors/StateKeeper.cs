using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Cursors;

/// <summary>
/// The state of one read: a cursor for the stream, one per partition, or one for all of them, and the page to go on with. Understands and writes Airbyte's
/// formats; the page stands beside them under <c>x-listbackup</c>. See docs/connectors/engine.md.
/// </summary>
internal sealed class StateKeeper
{
    /// <summary>The member beside the page that tells which of two ways is reading.</summary>
    public const string Way = "way";

    public const string OwnKey = "x-listbackup";
    private const string GlobalFlagKey = "use_global_cursor";
    private const string GlobalKey = "state";
    private const string PartitionsKey = "states";
    private const string LookBackKey = "lookback_window";
    private const string ParentsKey = "parent_state";
    private const string ParentSliceKey = "parent_slice";
    private const string FallbackKey = "fallback";

    private readonly StateShape _shape;

    /// <summary>What is handed on as it came.</summary>
    private readonly ValueMap? _came;

    /// <summary>The state came as intervals, and goes as such.</summary>
    private readonly bool _isRanges;
    private bool _isNumber;
    private ImmutableSortedDictionary<string, PartitionCursor> _partitions = ImmutableSortedDictionary.Create<string, PartitionCursor>(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>The cursor of the stream, or of all partitions.</summary>
    private string? _cursor;

    /// <summary>What partitions without a cursor of their own begin with: the cursor that the stream had before it was read by partition.</summary>
    private string? _fallback;
    private long? _lookBackSeconds;

    public StateKeeper(StreamState? state, StateShape shape, bool fullRefresh)
    {
        _shape = shape;
        _isNumber = shape.IsNumber;
        IsGlobal = shape is { HasPartitions: true, IsGlobal: true };
        if (state is null || ValueJson.Parse(state.ToJson()) is not { Kind: ValueKind.Map } value)
            return;

        _came = value.Map;
        var resume = PagePosition.Parse(value.Map[OwnKey]);

        // The place of an incremental read is none in a full one: what it passed over was never read.
        Resume = fullRefresh && resume?.Read is { IsFullRefresh: false } ? null : resume;

        // A full read starts anew, unless the state is of a full read that has not come to its end.
        if (shape.Field is null || (fullRefresh && Resume is null))
            return;
        _isRanges = !shape.HasPartitions && DateRanges.Is(value.Map);
        Read(value.Map, shape.Field);
    }

    /// <summary>Which of two ways is reading, kept in states of reads that are under way; null: there is one.</summary>
    public string? ReadingWay { get; init; }

    /// <summary>Where an earlier read stopped inside, or null.</summary>
    public PagePosition? Resume { get; }

    /// <summary>All partitions share one cursor.</summary>
    public bool IsGlobal { get; private set; }

    /// <summary>One cursor for all partitions goes back by the time that the read took which brought it: a partition that was read first was read that much earlier.</summary>
    public TimeSpan LookBack => IsGlobal && _lookBackSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    /// <summary>The partitions that the state has a cursor of.</summary>
    public IEnumerable<ValueMap> Partitions => _partitions.Values.Select(partition => partition.Fields);

    public string? CursorOf(Partition partition) => _shape.HasPartitions && !IsGlobal
        ? _partitions.TryGetValue(KeyOf(partition.Fields), out var own) ? own.Cursor : _fallback
        : _cursor;

    /// <summary>Moves the cursor of the stream or of a partition.</summary>
    /// <returns>False when the state has no room for another partition.</returns>
    public bool Advance(Partition partition, string cursor)
    {
        if (!_shape.HasPartitions)
        {
            _cursor = cursor;
            return true;
        }

        var key = KeyOf(partition.Fields);
        if (!_partitions.ContainsKey(key))
        {
            var bytes = ValueJson.ToBytes(Value.Of(partition.Fields)).Length + cursor.Length + _shape.Field!.Length + 40;
            if (_bytes + bytes > _shape.BytesMax)
                return false;
            _bytes += bytes;
        }

        _partitions = _partitions.SetItem(key, new PartitionCursor(partition.Fields, cursor));

        return true;
    }

    /// <summary>Moves the cursor of all partitions, after all were read to their end. From now on there is no other.</summary>
    public void AdvanceAll(string cursor, TimeSpan duration)
    {
        IsGlobal = true;
        _partitions = _partitions.Clear();
        _cursor = cursor;
        _lookBackSeconds = (long)Math.Ceiling(Math.Clamp(duration.TotalSeconds, 0, TimeSpan.FromDays(3_650).TotalSeconds));
    }

    /// <summary>A partition was read to its end and showed nothing: its cursor is the one that it was read from, from now on its own.</summary>
    public void Keep(Partition partition)
    {
        if (_fallback is not null && !IsGlobal && !_partitions.ContainsKey(KeyOf(partition.Fields)))
            Advance(partition, _fallback);
    }

    public StreamState Snapshot(PagePosition? position)
    {
        var (partitions, cursor, isGlobal, lookBack) = (_partitions, _cursor, IsGlobal, _lookBackSeconds);

        return StreamState.From(() => Write(partitions, cursor, isGlobal, lookBack, position));
    }

    private void Read(ValueMap state, string field)
    {
        _lookBackSeconds = state[LookBackKey] is { IsNumber: true, Double: >= 0 and < 1e10 } seconds ? (long)Math.Ceiling(seconds.Double) : null;
        var whole = CursorIn(state, field) ?? (state[GlobalKey] is { Kind: ValueKind.Map } inner ? CursorIn(inner.Map, field) : null);
        if (!_shape.HasPartitions)
        {
            _cursor = whole;
            return;
        }

        var states = state[PartitionsKey] is { Kind: ValueKind.List } list ? list.List : null;
        IsGlobal |= state[GlobalFlagKey] is { Kind: ValueKind.Boolean, Boolean: true };
        if (IsGlobal)
            _cursor = whole ?? Lowest(states, field);
        else if (states is not null)
            AddAll(state, states, field);
        else if (whole is not null)
            _fallback = whole;
        else
            AddByParent(state, field);
    }

    private void AddAll(ValueMap state, IEnumerable<Value> states, string field)
    {
        // Only while the read goes on that began with it: a partition that is new after it has to be read from its start.
        _fallback = state[OwnKey] is { Kind: ValueKind.Map } own ? Text(own.Map[FallbackKey]) : null;
        foreach (var entry in states)
        {
            if (entry.Kind == ValueKind.Map && entry.Map["partition"].Kind == ValueKind.Map && CursorOfEntry(entry, field) is { } cursor)
                AddLoaded(entry.Map["partition"].Map, cursor);
        }
    }

    /// <summary>An older format: the parent's key, and the state of its children. The name of the partition's field is not in it.</summary>
    private void AddByParent(ValueMap state, string field)
    {
        foreach (var (parent, child) in state)
        {
            if (parent != OwnKey && child.Kind == ValueKind.Map && CursorIn(child.Map, field) is { } cursor)
                AddLoaded(new ValueMap().Set("", Value.Of(parent)), cursor);
        }
    }

    private void AddLoaded(ValueMap fields, string cursor)
    {
        _partitions = _partitions.SetItem(KeyOf(fields), new PartitionCursor(fields, cursor));
        _bytes += ValueJson.ToBytes(Value.Of(fields)).Length + cursor.Length + _shape.Field!.Length + 40;
    }

    /// <summary>The cursor that is good for all partitions: the lowest, and none when one has none.</summary>
    private string? Lowest(IEnumerable<Value>? states, string field)
    {
        string? lowest = null;
        foreach (var entry in states ?? [])
        {
            if (CursorOfEntry(entry, field) is not { } cursor || _shape.Place(cursor) is not { } place)
                return null;
            if (lowest is null || Operators.Compare(place, _shape.Place(lowest)!.Value) < 0)
                lowest = cursor;
        }

        return lowest;
    }

    private string? CursorOfEntry(Value entry, string field) =>
        entry.Kind == ValueKind.Map && entry.Map["cursor"] is { Kind: ValueKind.Map } cursor ? CursorIn(cursor.Map, field) : null;

    private string? CursorIn(ValueMap state, string field) => Text(state[field]) ?? (DateRanges.Is(state)
        ? Text(DateRanges.Cursor(state, field, value => Text(value) is { } text ? _shape.Place(text) : null, _shape.Meets))
        : null);

    private string? Text(Value value)
    {
        if (value.Kind is not (ValueKind.Text or ValueKind.Integer or ValueKind.Float))
            return null;
        _isNumber |= value.Kind is not ValueKind.Text;

        return PythonText.Str(value);
    }

    private string Write(ImmutableSortedDictionary<string, PartitionCursor> partitions, string? cursor, bool isGlobal, long? lookBack, PagePosition? position)
    {
        var state = new ValueMap();
        if (_shape.Field is { } field)
        {
            if (isGlobal)
                WriteGlobal(state, field, cursor, lookBack);
            else if (_shape.HasPartitions)
                WritePartitions(state, field, partitions);
            else if (cursor is not null)
                state = _isRanges ? DateRanges.Write(_came, Spelled(cursor)) : state.Set(field, Spelled(cursor));
        }

        if (_came?[ParentsKey] is { IsNothing: false } parents)
            state.Set(ParentsKey, parents);
        if (position is not null)
        {
            var place = position.ToValue();
            if (_fallback is not null)
                place.Map.Set(FallbackKey, Value.Of(_fallback));
            if (ReadingWay is not null)
                place.Map.Set(Way, Value.Of(ReadingWay));
            state.Set(OwnKey, place);
        }

        return ValueJson.ToText(Value.Of(state));
    }

    private void WriteGlobal(ValueMap state, string field, string? cursor, long? lookBack)
    {
        state.Set(GlobalFlagKey, Value.True);
        if (cursor is not null)
            state.Set(GlobalKey, Value.Of(new ValueMap().Set(field, Spelled(cursor))));
        if (lookBack is { } seconds)
            state.Set(LookBackKey, Value.Of(seconds));
    }

    private void WritePartitions(ValueMap state, string field, ImmutableSortedDictionary<string, PartitionCursor> partitions)
    {
        // Nothing was read by partition yet: what came is still all that is known.
        if (partitions.IsEmpty && _fallback is not null)
        {
            state.Set(field, Spelled(_fallback));
            return;
        }

        state.Set(GlobalFlagKey, Value.False);
        state.Set(PartitionsKey, Value.Of(partitions.Values.Select(own => Value.Of(new ValueMap()
            .Set("partition", Value.Of(own.Fields))
            .Set("cursor", Value.Of(new ValueMap().Set(field, Spelled(own.Cursor))))))));

        // Not ours to move: it is what another engine falls back to.
        if (_fallback is not null)
            state.Set(GlobalKey, Value.Of(new ValueMap().Set(field, Spelled(_fallback))));
        else if (_came?[GlobalKey] is { Kind: ValueKind.Map } global)
            state.Set(GlobalKey, global);
        if (_lookBackSeconds is { } seconds)
            state.Set(LookBackKey, Value.Of(seconds));
    }

    private Value Spelled(string cursor)
    {
        if (!_isNumber)
            return Value.Of(cursor);
        if (BigInteger.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return Value.Of(number);

        return double.TryParse(cursor, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? Value.Of(real, cursor) : Value.Of(cursor);
    }

    /// <summary>
    /// The same partition has the same key, however its state spells it: others write the key of a parent as text where it is a number, and leave out an empty
    /// parent slice. A partition of an older format has only the value.
    /// </summary>
    private static string KeyOf(ValueMap fields)
    {
        var own = fields.Where(field => field.Key != ParentSliceKey || field.Value is not { Kind: ValueKind.Map, Map.Count: 0 }).ToList();

        return own.Count == 1 && own[0].Value.Kind is ValueKind.Text or ValueKind.Integer
            ? PythonText.Str(own[0].Value)
            : PythonText.Repr(Value.Of(own.OrderBy(field => field.Key, StringComparer.Ordinal).Aggregate(new ValueMap(), (sorted, field) => sorted.Set(field.Key, Loose(field.Value)))));
    }

    private static Value Loose(Value value) => value.Kind == ValueKind.Integer ? Value.Of(PythonText.Str(value)) : value;

    private sealed record PartitionCursor(ValueMap Fields, string Cursor);
}
