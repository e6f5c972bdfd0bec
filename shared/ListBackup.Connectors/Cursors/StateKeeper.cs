using System.Collections.Immutable;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;

namespace ListBackup.Connectors.Cursors;

/// <summary>
/// The state of one read: a cursor for the stream, or one per partition, and the page to go on with. Understands and writes Airbyte's formats; the
/// page stands beside them under <c>x-listbackup</c>.
/// </summary>
internal sealed class StateKeeper
{
    private const string OwnKey = "x-listbackup";

    private readonly string? _cursorField;
    private readonly bool _perPartition;
    private readonly bool _cursorIsNumber;
    private ImmutableDictionary<string, PartitionCursor> _partitions = ImmutableDictionary.Create<string, PartitionCursor>(StringComparer.Ordinal);
    private string? _global;

    /// <param name="cursorField">Null when the stream has no cursor.</param>
    /// <param name="perPartition">True when each partition has a cursor of its own.</param>
    public StateKeeper(StreamState? state, string? cursorField, bool perPartition, bool cursorIsNumber, bool fullRefresh)
    {
        _cursorField = cursorField;
        _perPartition = perPartition;
        _cursorIsNumber = cursorIsNumber;
        if (state is null || ValueJson.Parse(state.ToJson()) is not { Kind: ValueKind.Map } value)
            return;

        Resume = PagePosition.Parse(value.Map[OwnKey]);

        // A full read starts anew, unless the state is of a full read that has not come to its end.
        if (fullRefresh && Resume is null)
            return;
        if (_cursorField is not null)
            Read(value.Map);
    }

    /// <summary>Where an earlier read stopped inside, or null.</summary>
    public PagePosition? Resume { get; }

    public string? CursorOf(Partition partition) =>
        _perPartition && _partitions.TryGetValue(partition.Key, out var own) ? own.Cursor : _global;

    /// <summary>Moves a cursor after its interval was read to the end.</summary>
    public void Advance(Partition partition, string cursor)
    {
        if (_cursorField is null)
            return;
        if (_perPartition)
            _partitions = _partitions.SetItem(partition.Key, new PartitionCursor(partition.Fields, cursor));
        else
            _global = cursor;
    }

    public StreamState Snapshot(PagePosition? position)
    {
        var (partitions, global) = (_partitions, _global);

        return StreamState.From(() => Write(partitions, global, position));
    }

    private void Read(ValueMap state)
    {
        var use = state["use_global_cursor"] is { Kind: ValueKind.Boolean, Boolean: true };
        _global = Cursor(state[_cursorField!]) ?? (state["state"] is { Kind: ValueKind.Map } global ? Cursor(global.Map[_cursorField!]) : null) ?? Ranges(state);
        if (!_perPartition || use)
            return;
        if (state["states"] is { Kind: ValueKind.List } states)
        {
            foreach (var entry in states.List.Where(entry => entry.Kind == ValueKind.Map))
                Add(entry.Map["partition"], entry.Map["cursor"]);
        }
    }

    private void Add(Value partition, Value cursor)
    {
        if (partition.Kind != ValueKind.Map || cursor.Kind != ValueKind.Map || (Cursor(cursor.Map[_cursorField!]) ?? Ranges(cursor.Map)) is not { } text)
            return;
        var own = new PartitionCursor(partition.Map, text);
        _partitions = _partitions.SetItem(Partition.KeyOf(partition.Map), own);
    }

    /// <summary>Another spelling of Airbyte's: intervals that were read. The first is the one without gaps before it.</summary>
    private static string? Ranges(ValueMap state) =>
        state["slices"] is { Kind: ValueKind.List } slices && slices.List.Count > 0 && slices.List[0] is { Kind: ValueKind.Map } first
            ? Cursor(first.Map["most_recent_cursor_value"]) ?? Cursor(first.Map["end"])
            : null;

    private static string? Cursor(Value value) => value.Kind is ValueKind.Text or ValueKind.Integer or ValueKind.Float ? PythonText.Str(value) : null;

    private string Write(ImmutableDictionary<string, PartitionCursor> partitions, string? global, PagePosition? position)
    {
        var state = new ValueMap();
        if (_cursorField is not null && _perPartition)
        {
            state.Set("use_global_cursor", Value.False);
            state.Set("states", Value.Of(partitions.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => Value.Of(new ValueMap()
                .Set("partition", Value.Of(pair.Value.Fields))
                .Set("cursor", Value.Of(new ValueMap().Set(_cursorField, Spelled(pair.Value.Cursor))))))));
            if (global is not null)
                state.Set("state", Value.Of(new ValueMap().Set(_cursorField, Spelled(global))));
        }
        else if (_cursorField is not null && global is not null)
        {
            state.Set(_cursorField, Spelled(global));
        }

        if (position is not null)
            state.Set(OwnKey, position.ToValue());

        return ValueJson.ToText(Value.Of(state));
    }

    private Value Spelled(string cursor) => _cursorIsNumber && System.Numerics.BigInteger.TryParse(cursor, out var number) ? Value.Of(number) : Value.Of(cursor);

    private sealed record PartitionCursor(ValueMap Fields, string Cursor);
}

/// <summary>A place inside a read.</summary>
/// <param name="Partition">The fields of its partition.</param>
/// <param name="Slice">The interval's fields.</param>
/// <param name="Start">The interval's start and end, as states spell cursors.</param>
/// <param name="Token">The token of the next page; nothing for a first page.</param>
/// <param name="Done">True when the interval was read to its end: the next one comes.</param>
/// <param name="Seen">The highest cursor that the interval has shown so far.</param>
internal sealed record PagePosition(ValueMap Partition, ValueMap Slice, string? Start, string? End, Value Token, bool Done, string? Seen)
{
    public static PagePosition? Parse(Value value) => value.Kind != ValueKind.Map || value.Map["partition"].Kind != ValueKind.Map ? null : new PagePosition(
        value.Map["partition"].Map,
        value.Map["slice"] is { Kind: ValueKind.Map } slice ? slice.Map : new ValueMap(),
        Text(value.Map["start"]),
        Text(value.Map["end"]),
        value.Map["token"].IsUndefined ? Value.None : value.Map["token"],
        value.Map["done"] is { Kind: ValueKind.Boolean, Boolean: true },
        Text(value.Map["seen"]));

    public Value ToValue() => Value.Of(new ValueMap()
        .Set("partition", Value.Of(Partition))
        .Set("slice", Value.Of(Slice))
        .Set("start", Value.Of(Start))
        .Set("end", Value.Of(End))
        .Set("token", Token)
        .Set("done", Value.Of(Done))
        .Set("seen", Value.Of(Seen)));

    private static string? Text(Value value) => value.IsText ? value.Text : null;
}
